/**
 * `npm run enrol -- --code XXXX-XXXX-XXXX [--url RELAY] [--data DIR]`: makes this box a kiosk of a fleet. Exchanges the
 * one-time code for a device account and keeps it in the data directory (0600). `--url` is RELAY_URL unless given.
 * Promise: a box that already served as a kiosk keeps its account, since the seconds it still has to send belong to it.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { relayAddress } from '../../src-shared/relay-address.ts';
import { deviceAccountSchema, relayErrorSchema } from '../../src-shared/relay-api.ts';
import { defaultDataDir } from '../paths.ts';
import { keepDeviceAccount, localSecrets } from '../plan/secrets.ts';
import { operatorEnvironment } from '../settings/operator-environment.ts';

const TIMEOUT_MS = 20_000;

/** @throws Error with a message for the technician */
async function enrol(argv: string[]): Promise<string> {
  const { values } = parseArgs({
    args: argv,
    options: { code: { type: 'string' }, url: { type: 'string' }, data: { type: 'string' } },
  });
  const env = operatorEnvironment();
  const url = values.url ?? env['RELAY_URL'];
  if (!values.code)
    throw new Error('--code is missing: staff makes one with create_kiosk_enrolment (docs/fleet.md)');
  if (!url)
    throw new Error(
      '--url is missing: the address of the relay, or https://<project>.supabase.co/functions/v1',
    );
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' && hostname !== '127.0.0.1' && hostname !== 'localhost') {
    throw new Error(`${url} is not https: the account would cross the network for all to read`);
  }
  const dataDir = resolve(values.data ?? env['MINDBOT_DATA_DIR'] ?? defaultDataDir(env));
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const { kiosk } = await localSecrets(dataDir);
  if (kiosk.enrolledAt || existsSync(join(dataDir, 'station', 'usage.sqlite'))) {
    throw new Error(
      `${dataDir} already served as kiosk “${kiosk.name}”. Enrol with an empty data directory: --data DIR`,
    );
  }
  const account = await exchange(url, values.code);
  await keepDeviceAccount(dataDir, account);
  return `This box is now kiosk “${account.name}” (${account.kioskId}). Set RELAY_URL=${url} in .env and start it.`;
}

async function exchange(url: string, code: string) {
  const answer = await fetch(relayAddress(url, '/enrol'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new Error(`${url} does not answer: check the network and the address`, { cause: error });
  });
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return deviceAccountSchema.parse(body);
  const refusal = relayErrorSchema.safeParse(body).data;
  throw new Error(
    refusal?.error.message ?? `${url} answered ${answer.status}: is it the address of the relay?`,
  );
}

try {
  console.log(await enrol(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
