/**
 * The station as a process of its own, with none of its peers there: it answers at once, says what it waits for, keeps
 * a visit through a kill, and leaves nothing of the customer in its log.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeLaunchNonce } from '../../../src-runtime/launch-nonce.ts';
import { type VisitIntent, type VisitSnapshot, visitSnapshotSchema } from '../../../src-shared/visit.ts';
import { freePort } from '../../support/processes/free-port.ts';
import { startProcess, type TestProcess } from '../../support/processes/processes.ts';

const CODE = 'ABCD1234WXYZ';
const LAUNCH_SECRET = randomBytes(32).toString('base64url');

let dataDir: string;
let environment: Record<string, string>;
let station: TestProcess;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'station-process-'));
  // Ports on which nobody listens.
  const gone = `http://127.0.0.1:${await freePort()}`;
  environment = {
    SUPABASE_URL: gone,
    SUPABASE_ANON_KEY: 'anon',
    RELAY_URL: gone,
    LIVEKIT_URL: gone.replace('http', 'ws'),
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 'secret-of-at-least-thirty-two-letters',
    AGENT_HEALTH_URL: `${gone}/health`,
    KIOSK_ACCOUNT: JSON.stringify({
      kioskId: randomUUID(),
      name: 'Test',
      email: 'kiosk@test.example',
      password: 'kiosk-password',
    }),
    STORE_MAC_KEY: randomBytes(32).toString('base64url'),
    LAUNCH_SECRET,
    PAGE_DIR: join(dataDir, 'no-page'),
    EMBEDDED_PARTS: 'payments,speech',
  };
  station = await startProcess({ entry: 'src-station/main.ts', env: environment, dataDir });
});
afterEach(async () => {
  await station.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function launch(): Promise<string> {
  const url = `${station.url}/launch?nonce=${makeLaunchNonce(LAUNCH_SECRET)}`;
  const answer = await fetch(url, { redirect: 'manual' });
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

const headers = (cookie: string) => ({ cookie, 'sec-fetch-site': 'same-origin', origin: station.url });

async function send(cookie: string, intent: VisitIntent): Promise<void> {
  const answer = await fetch(`${station.url}/trpc/visit.intent`, {
    method: 'POST',
    headers: { ...headers(cookie), 'content-type': 'application/json' },
    body: JSON.stringify(intent),
  });
  expect(answer.status).toBe(200);
}

/** The first snapshot of a new stream. */
async function snapshot(cookie: string): Promise<VisitSnapshot> {
  const stream = await fetch(`${station.url}/trpc/visit.snapshot`, {
    headers: { ...headers(cookie), accept: 'text/event-stream' },
  });
  expect(stream.status).toBe(200);
  let text = '';
  for await (const chunk of stream.body ?? []) {
    text += Buffer.from(chunk).toString();
    const data = /^data: (\{"revision".*)$/m.exec(text)?.[1];
    if (!data || !text.includes('\n\n', text.indexOf(data))) continue;
    // Leaving the loop ends the stream.
    return visitSnapshotSchema.parse(JSON.parse(data));
  }
  throw new Error(`the stream ended without a snapshot: ${text}`);
}

describe('a station with no peers', () => {
  it('is there, and says what it waits for', async () => {
    await expect
      .poll(async () => (await station.health()).checks, { timeout: 15_000 })
      .toMatchObject({
        database: expect.stringContaining('Supabase'),
        relay: expect.stringContaining('relay'),
        voice: expect.stringContaining('LiveKit'),
        usage_store: 'ok',
      });
    expect((await station.health()).status).toBe('degraded');
    const cookie = await launch();
    expect(await snapshot(cookie)).toMatchObject({
      screen: 'attract',
      demo: { payments: true, assistant: true },
      services: { talk: { ok: false }, activate: { ok: false }, buy: { ok: false } },
    });
  });

  it('tells a customer plainly, and writes neither the code nor the account’s password into its log', async () => {
    const cookie = await launch();
    await send(cookie, { type: 'begin' });
    await send(cookie, { type: 'chooseCode' });
    await send(cookie, { type: 'submitCode', code: CODE });
    await expect
      .poll(async () => (await snapshot(cookie)).problem?.code, { timeout: 15_000 })
      .toBe('database_unreachable');
    await station.stop();
    expect(station.output()).toContain('"ready"');
    for (const secret of [CODE, 'kiosk-password', LAUNCH_SECRET]) {
      expect(station.output()).not.toContain(secret);
    }
  });

  it('brings the page back to its visit after a kill, with the cookie it has', async () => {
    const cookie = await launch();
    await send(cookie, { type: 'setLocale', locale: 'de' });
    await send(cookie, { type: 'begin' });
    await send(cookie, { type: 'chooseCode' });
    const before = await snapshot(cookie);
    await station.crash();
    station = await startProcess({
      entry: 'src-station/main.ts',
      env: environment,
      dataDir,
      port: station.port,
    });
    const after = await snapshot(cookie);
    expect(after).toMatchObject({ screen: 'enterCode', locale: 'de', visitId: before.visitId });
    expect(after.stationInstance).not.toBe(before.stationInstance);
    await send(cookie, { type: 'finish' });
    expect(readdirSync(join(dataDir, 'station'))).not.toContain('visit.json');
  });
});
