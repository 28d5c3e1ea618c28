/**
 * The secrets a box makes for itself, once, in `<dataDir>/secrets/local.json` (0600): keys of the embedded parts, the
 * kiosk's and the admin's account, code keys, the store's MAC key. Losing the file means losing what it unlocks, so it
 * is written before anything uses it, and a broken one stops the start instead of being made anew.
 */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import { z } from 'zod';
import { type DeviceAccount, deviceAccountSchema } from '../../src-shared/relay-api.ts';

const text = z.string().min(1);
const secretsSchema = z.object({
  postgres: z.object({ superuserPassword: text, ownerPassword: text, authenticatorPassword: text }),
  supabase: z.object({ privateJwk: z.record(z.string(), z.unknown()), anonKey: text, serviceRoleKey: text }),
  livekit: z.object({ apiKey: text, apiSecret: text }),
  stripe: z.object({ secretKey: text, webhookSecret: text }),
  speechApiKey: text,
  codeKeys: z.array(z.object({ id: text, secret: text })).min(1),
  kiosk: deviceAccountSchema.extend({
    /** When this account came from the fleet; absent for the one that the box made for itself. */
    enrolledAt: z.iso.datetime().optional(),
  }),
  admin: z.object({ email: text, password: text }),
  storeMacKey: text,
  launchSecret: text,
});
export type LocalSecrets = z.infer<typeof secretsSchema>;

/** Ten years: these keys never leave the box and are made anew with the data directory. */
const EMBEDDED_KEY_LIFE = '10y';

/** Reads the secrets of `dataDir`, making them when there are none. */
export async function localSecrets(dataDir: string): Promise<LocalSecrets> {
  const dir = join(dataDir, 'secrets');
  const file = join(dir, 'local.json');
  if (existsSync(file)) return readSecrets(file);
  const secrets = await makeSecrets();
  writeSecrets(dir, secrets);
  return secrets;
}

/** Puts the device account of a fleet in the place of the one that the box made for itself. */
export async function keepDeviceAccount(dataDir: string, account: DeviceAccount): Promise<void> {
  const secrets = await localSecrets(dataDir);
  const kiosk = { ...account, enrolledAt: new Date().toISOString() };
  writeSecrets(join(dataDir, 'secrets'), { ...secrets, kiosk });
}

function writeSecrets(dir: string, secrets: LocalSecrets): void {
  const file = join(dir, 'local.json');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const fd = openSync(`${file}.new`, 'w', 0o600);
  writeSync(fd, JSON.stringify(secrets, null, 2));
  fsyncSync(fd);
  closeSync(fd);
  renameSync(`${file}.new`, file);
}

function readSecrets(file: string): LocalSecrets {
  try {
    // A copy or a backup may have opened it to others.
    chmodSync(file, 0o600);
    return secretsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new Error(
      `${file} can't be read as this station's secrets. Restore it from a backup; without it codes and stored usage can't be trusted. To begin anew with an empty station, start with --data NEW_DIRECTORY.`,
    );
  }
}

async function makeSecrets(): Promise<LocalSecrets> {
  const kioskId = randomUUID();
  return {
    postgres: { superuserPassword: key(24), ownerPassword: key(24), authenticatorPassword: key(24) },
    supabase: await makeSupabaseKeys(),
    livekit: { apiKey: `API${key(9)}`, apiSecret: key(32) },
    stripe: { secretKey: `sk_test_${alphanumericKey()}`, webhookSecret: `whsec_${alphanumericKey()}` },
    speechApiKey: key(24),
    codeKeys: [{ id: 'k1', secret: key(32) }],
    kiosk: {
      kioskId,
      name: hostname() || 'kiosk',
      email: `kiosk-${kioskId}@kiosk.invalid`,
      password: key(32),
    },
    admin: { email: 'admin@kiosk.local', password: readablePassword() },
    storeMacKey: key(32),
    launchSecret: key(32),
  };
}

function key(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}

/** Letters and digits only, as Stripe's keys are. */
function alphanumericKey(): string {
  return randomBytes(24).toString('hex');
}

/** Four groups of four easily typed symbols (75 bits), for the admin's first sign-in. */
function readablePassword(): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
  const group = () => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return [group(), group(), group(), group()].join('-');
}

async function makeSupabaseKeys(): Promise<LocalSecrets['supabase']> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk: JWK = { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: randomUUID() };
  const sign = async (role: string) =>
    new SignJWT({ role })
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: String(jwk.kid) })
      .setIssuer('supabase')
      .setIssuedAt()
      .setExpirationTime(EMBEDDED_KEY_LIFE)
      .sign(await importJWK(jwk, 'ES256'));
  return {
    privateJwk: jwk as Record<string, unknown>,
    anonKey: await sign('anon'),
    serviceRoleKey: await sign('service_role'),
  };
}
