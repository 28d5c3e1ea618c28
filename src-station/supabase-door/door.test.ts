import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../src-runtime/log.ts';
import { ManualClock } from '../clock.test-kit.ts';
import { SupabaseDoor } from './door.ts';

vi.setConfig({ testTimeout: 30_000 });

const log = createLogger({ service: 'test', level: 'silent' });
const USER = '22222222-2222-4222-8222-222222222222';
const ACCOUNT = {
  kioskId: '33333333-3333-4333-8333-333333333333',
  name: 'Test',
  email: 'kiosk@example.com',
  password: 'right',
};
const BALANCE = {
  userId: USER,
  availableSeconds: 5,
  heldSeconds: 0,
  cards: [],
  asOf: '2026-11-01T00:00:00.000Z',
};

interface Reply {
  status: number;
  body: unknown;
}

/** What the server at the other end of the wire does. */
interface Script {
  signIns: number;
  tokensSeen: string[];
  signIn: (body: { password?: string }) => Reply;
  rpc: (name: string, token: string) => Reply | 'never';
}

let script: Script;
let server: Server;
let clock: ManualClock;
let door: SupabaseDoor;

beforeEach(async () => {
  script = {
    signIns: 0,
    tokensSeen: [],
    signIn: ({ password }) =>
      password === 'right'
        ? { status: 200, body: session(`token${script.signIns}`) }
        : { status: 400, body: { code: 'invalid_credentials', message: 'Invalid login credentials' } },
    rpc: () => ({ status: 200, body: BALANCE }),
  };
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const reply = answer(
        url.pathname,
        request.headers.authorization ?? '',
        Buffer.concat(chunks).toString(),
      );
      if (reply === 'never') return;
      response.writeHead(reply.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(reply.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  clock = new ManualClock();
  door = newDoor();
});
afterEach(async () => {
  door.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function newDoor(more: { password?: string; url?: string; timeoutMs?: number } = {}): SupabaseDoor {
  const { port } = server.address() as AddressInfo;
  const account = { ...ACCOUNT, password: more.password ?? ACCOUNT.password };
  const url = more.url ?? `http://127.0.0.1:${port}`;
  return new SupabaseDoor({
    url,
    anonKey: 'anon',
    account,
    clock,
    log,
    timeoutMs: more.timeoutMs ?? 20_000,
    random: () => 0.5,
  });
}

function session(token: string) {
  const user = { id: USER, aud: 'authenticated', app_metadata: {}, user_metadata: {}, created_at: '' };
  return { access_token: token, token_type: 'bearer', expires_in: 3600, refresh_token: 'r', user };
}

function answer(path: string, authorization: string, body: string): Reply | 'never' {
  if (path === '/auth/v1/token') {
    script.signIns += 1;
    return script.signIn(JSON.parse(body));
  }
  const token = authorization.replace('Bearer ', '');
  script.tokensSeen.push(token);
  return script.rpc(path.replace('/rest/v1/rpc/', ''), token);
}

describe('calls', () => {
  it('signs in once and passes parsed answers on', async () => {
    expect(door.reachable).toBe(false);
    expect(await door.balance(USER)).toEqual({ ok: true, value: BALANCE });
    expect(await door.balance(USER)).toEqual({ ok: true, value: BALANCE });
    expect(script).toMatchObject({ signIns: 1, tokensSeen: ['token1', 'token1'] });
    expect(door.reachable).toBe(true);
    expect(await door.kioskJwt()).toBe('token1');
  });

  it('signs in once for calls made at the same time', async () => {
    await Promise.all([door.balance(USER), door.balance(USER), door.kioskJwt()]);
    expect(script.signIns).toBe(1);
  });

  it('signs in again when the token is refused, and before it runs out', async () => {
    await door.balance(USER);
    script.rpc = (_name, token) =>
      token === 'token1'
        ? { status: 401, body: { code: 'PGRST301', message: 'JWT expired' } }
        : { status: 200, body: BALANCE };
    expect((await door.balance(USER)).ok).toBe(true);
    expect(script.signIns).toBe(2);
    clock.advance(3_541_000);
    await door.balance(USER);
    expect(script.signIns).toBe(3);
  });

  it.each([
    [400, 'P0001', 'no_time_left', { kind: 'refused', code: 'no_time_left' }],
    [400, 'P0001', 'stream_forked', { kind: 'refused', code: 'stream_forked' }],
    [400, 'P0001', 'something new', { kind: 'unexpected' }],
    [403, '42501', 'forbidden', { kind: 'unexpected' }],
    [404, 'PGRST202', 'no such function', { kind: 'unreachable' }],
    [500, '40001', 'serialization failure', { kind: 'unreachable' }],
    [503, '53300', 'too many connections', { kind: 'unreachable' }],
    [401, 'PGRST301', 'JWT bad', { kind: 'unauthorized' }],
  ])('sorts %i %s %s', async (status, code, message, expected) => {
    script.rpc = () => ({ status, body: { code, message, details: null, hint: null } });
    expect(await door.balance(USER)).toMatchObject({ ok: false, error: expected });
  });

  it('calls an answer of another shape unexpected', async () => {
    script.rpc = () => ({ status: 200, body: { ...BALANCE, availableSeconds: 1.5 } });
    expect(await door.balance(USER)).toMatchObject({ ok: false, error: { kind: 'unexpected' } });
  });

  it('does not wait for ever', async () => {
    script.rpc = () => 'never';
    door = newDoor({ timeoutMs: 300 });
    expect(await door.balance(USER)).toMatchObject({ ok: false, error: { kind: 'unreachable' } });
  });
});

describe('an account that is not let in', () => {
  it('says so and does not hammer at the door', async () => {
    door = newDoor({ password: 'wrong' });
    expect(await door.balance(USER)).toMatchObject({ ok: false, error: { kind: 'unauthorized' } });
    expect(await door.kioskJwt()).toBeNull();
    expect(script.signIns).toBe(1);
    expect(door.healthLine).toMatch(/KIOSK_ACCOUNT/);
    clock.advance(16_000);
    await door.balance(USER);
    expect(script.signIns).toBe(2);
  });
});

describe('reachability', () => {
  it('tells when the database goes and comes back, without being asked', async () => {
    const seen: boolean[] = [];
    door.onReachable((reachable) => seen.push(reachable));
    door.start();
    await expect.poll(() => seen, { interval: 5, timeout: 20_000 }).toEqual([true]);
    expect(door.healthLine).toBe('ok');
    script.rpc = () => ({ status: 503, body: { code: '53300', message: 'gone' } });
    clock.advance(25_000);
    await expect.poll(() => seen, { interval: 5, timeout: 20_000 }).toEqual([true, false]);
    expect(door.healthLine).toMatch(/out of reach/);
    script.rpc = () => ({ status: 200, body: [] });
    clock.advance(3_000);
    await expect.poll(() => seen, { interval: 5, timeout: 20_000 }).toEqual([true, false, true]);
  });

  it('keeps trying a server that is not there yet', async () => {
    door = newDoor({ url: 'http://127.0.0.1:9' });
    door.start();
    await expect.poll(() => door.healthLine, { interval: 5, timeout: 20_000 }).toMatch(/out of reach/);
    expect(door.reachable).toBe(false);
  });
});
