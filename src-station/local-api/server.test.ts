/** The local API as an attacker and as its own page meet it: a real server on a free port, raw requests. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { healthReport } from '../../src-runtime/health.ts';
import { makeLaunchNonce } from '../../src-runtime/launch-nonce.ts';
import { createLogger } from '../../src-runtime/log.ts';
import type { VisitIntent, VisitSnapshot } from '../../src-shared/visit.ts';
import { ManualClock } from '../clock.test-kit.ts';
import { emptyVisit } from '../visit/context.ts';
import { buildSnapshot } from '../visit/snapshot.ts';
import { ACCESS, mayCall } from './callers.ts';
import type { Doors } from './doors.ts';
import { securityHeaders } from './page-headers.ts';
import { appRouter } from './router.ts';
import { serveLocalApi } from './server.ts';
import { STAFF_IDLE_MS } from './sessions.ts';

const SECRET = 'a launch secret of the test';
const world = {
  stationInstance: 'test',
  demo: { payments: false, assistant: false },
  services: { talk: { ok: true }, activate: { ok: true }, buy: { ok: true } } as VisitSnapshot['services'],
  packages: [],
};

let app: FastifyInstance;
let port: number;
let dir: string;
let clock: ManualClock;
let intents: VisitIntent[];
let revision: number;
let ring: () => void;

function fakeDoors(): Doors {
  return {
    visit: {
      snapshot: () => buildSnapshot(emptyVisit(), world, revision, false),
      onChange: (listener) => {
        ring = listener;
        return () => undefined;
      },
      intent: (intent) => void intents.push(intent),
    },
    talk: {
      heartbeat: () => undefined,
      caption: () => undefined,
      history: () => [],
      stationCall: async () => ({ ok: true, spoken: 'ok', data: {} }),
      commandDone: () => undefined,
    },
    admin: {
      signIn: async (email, password) =>
        password === 'right' ? { email, accessToken: 'jwt' } : 'wrong_credentials',
      signOut: async () => undefined,
      todayReport: async () => {
        throw new Error('secret detail of the database');
      },
    },
  };
}

async function serve(): Promise<void> {
  app = await serveLocalApi({
    port: 0,
    pageDir: join(dir, 'page'),
    usedNoncesFile: join(dir, 'used-nonces'),
    launchSecret: SECRET,
    livekitUrl: 'ws://127.0.0.1:7880',
    payPageOrigin: 'http://127.0.0.1:8003',
    doors: fakeDoors(),
    clock,
    log: createLogger({ service: 'test', level: 'silent' }),
    health: () => healthReport('station', 'i1'),
    metrics: async () => 'up 1\n',
    roomEvent: async (body, authorization) => body === 'event' && authorization === 'signed',
  });
  const address = app.server.address();
  port = typeof address === 'object' && address ? address.port : 0;
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'local-api-'));
  mkdirSync(join(dir, 'page', 'assets'), { recursive: true });
  mkdirSync(join(dir, 'page', 'admin'));
  writeFileSync(join(dir, 'page', 'index.html'), '<p>kiosk</p>');
  writeFileSync(join(dir, 'page', 'admin', 'index.html'), '<p>admin</p>');
  writeFileSync(join(dir, 'page', 'assets', 'a-1.js'), 'export {}');
  clock = new ManualClock();
  intents = [];
  revision = 1;
  ring = () => undefined;
  await serve();
});
afterEach(async () => {
  await app.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A request with exactly these headers; `until` ends a stream once its text is there. */
function send(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string; until?: string } = {},
): Promise<Answer> {
  const { method = 'GET', headers = {}, body, until } = options;
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = '';
      const done = () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (until === undefined || !text.includes(until)) return;
        done();
        request.destroy();
      });
      response.on('end', done).on('error', () => undefined);
    });
    request.on('error', reject);
    request.end(body);
  });
}

const own = () => ({ 'sec-fetch-site': 'same-origin', origin: `http://127.0.0.1:${port}` });
const cookieOf = (answer: Answer) => String(answer.headers['set-cookie']?.[0]).split(';')[0] ?? '';

async function launched(): Promise<string> {
  return cookieOf(await send(`/launch?nonce=${makeLaunchNonce(SECRET)}`));
}

function call(path: string, input: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const all = { ...own(), 'content-type': 'application/json', ...headers };
  return send(`/trpc/${path}`, { method: 'POST', headers: all, body: JSON.stringify(input) });
}

describe('the launch', () => {
  it('buys a cookie that scripts can’t read and other sites don’t send, and leads to the page', async () => {
    const answer = await send(`/launch?nonce=${makeLaunchNonce(SECRET)}`);
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toBe('/');
    expect(answer.headers['set-cookie']?.[0]).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
  });

  it('works once, also across a restart of the station', async () => {
    const nonce = makeLaunchNonce(SECRET);
    expect((await send(`/launch?nonce=${nonce}`)).status).toBe(302);
    expect((await send(`/launch?nonce=${nonce}`)).status).toBe(403);
    await app.close();
    await serve();
    expect((await send(`/launch?nonce=${nonce}`)).status).toBe(403);
  });

  it.each(['', 'x', 'x.y', makeLaunchNonce('another secret')])(
    'refuses a forged nonce (%s)',
    async (nonce) => {
      const answer = await send(`/launch?nonce=${encodeURIComponent(nonce)}`);
      expect(answer.status).toBe(403);
      expect(answer.headers['set-cookie']).toBeUndefined();
    },
  );

  it('gives a second page the same visit', async () => {
    for (const cookie of [await launched(), await launched()]) {
      expect((await call('visit.intent', { type: 'begin' }, { cookie })).status).toBe(200);
    }
  });
});

describe('who may call', () => {
  it('is decided for every procedure of the router, and for no other', () => {
    expect(Object.keys(appRouter._def.procedures).sort()).toEqual(Object.keys(ACCESS).sort());
    expect(mayCall({ customer: true, staff: { email: 'a@b.c', accessToken: 'x' } }, 'toString')).toBe(false);
    const nobody = { customer: false, staff: null };
    const forNobody = Object.keys(ACCESS).filter((name) => mayCall(nobody, name));
    expect(forNobody.sort()).toEqual(['admin.me', 'admin.signIn']);
  });

  it('nobody without a cookie, or with a made-up one', async () => {
    const name = `mindbot_page_${port}`;
    for (const cookie of ['', `${name}=x`, `${name}=x.y`]) {
      const answer = await call('visit.intent', { type: 'begin' }, cookie ? { cookie } : {});
      expect(answer.status).toBe(401);
    }
    expect(intents).toEqual([]);
  });

  it('not a staff procedure with the customer’s cookie', async () => {
    const cookie = await launched();
    const input = encodeURIComponent(JSON.stringify({ timeZone: 'UTC' }));
    const answer = await send(`/trpc/admin.todayReport?input=${input}`, { headers: { ...own(), cookie } });
    expect(answer.status).toBe(401);
  });

  it('not the visit with the staff cookie', async () => {
    const signedIn = await call('admin.signIn', { email: 'a@b.co', password: 'right' });
    const answer = await call('visit.intent', { type: 'begin' }, { cookie: cookieOf(signedIn) });
    expect(answer.status).toBe(401);
  });
});

describe('other pages and other names', () => {
  it('a foreign host name that resolves to loopback gets nothing', async () => {
    const cookie = await launched();
    for (const host of ['evil.example', `evil.example:${port}`, `127.0.0.1:${port + 1}`, '127.0.0.1']) {
      for (const path of ['/', '/health', '/trpc/admin.me', `/launch?nonce=${makeLaunchNonce(SECRET)}`]) {
        const answer = await send(path, { headers: { ...own(), host, cookie } });
        expect(answer.status, `${host} ${path}`).toBe(421);
        expect(answer.headers['set-cookie']).toBeUndefined();
      }
    }
  });

  it.each(['cross-site', 'same-site', 'none'])('a request from elsewhere (%s) is refused', async (site) => {
    const cookie = await launched();
    const answer = await call('visit.intent', { type: 'begin' }, { cookie, 'sec-fetch-site': site });
    expect(answer.status).toBe(403);
    expect(intents).toEqual([]);
  });

  it('another loopback port that got hold of the cookie is refused by its origin', async () => {
    const cookie = await launched();
    for (const origin of [`http://127.0.0.1:${port + 1}`, 'null', `https://127.0.0.1:${port}`]) {
      expect((await call('visit.intent', { type: 'begin' }, { cookie, origin })).status).toBe(403);
    }
    const headers = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json', cookie };
    const without = await send('/trpc/visit.intent', { method: 'POST', headers, body: '{"type":"begin"}' });
    expect(without.status).toBe(403);
  });

  it('a changing call can’t be made by GET', async () => {
    const cookie = await launched();
    const input = encodeURIComponent('{"type":"begin"}');
    const answer = await send(`/trpc/visit.intent?input=${input}`, { headers: { ...own(), cookie } });
    expect(answer.status).toBe(405);
    expect(intents).toEqual([]);
  });

  it('a page elsewhere can’t load ours into a frame, nor our files', async () => {
    const answer = await send('/', { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(answer.status).toBe(403);
    const page = await send('/');
    expect(page.headers['x-frame-options']).toBe('DENY');
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
  });
});

describe('bodies', () => {
  it('that are too large are refused', async () => {
    const cookie = await launched();
    const answer = await call('visit.intent', { type: 'submitCode', code: 'x'.repeat(70_000) }, { cookie });
    expect(answer.status).toBe(413);
  });

  it('that make no sense are refused without a stack', async () => {
    const cookie = await launched();
    const answer = await call('visit.intent', { type: 'openTheSafe' }, { cookie });
    expect(answer.status).toBe(400);
    expect(answer.body).not.toMatch(/stack|node_modules/);
    expect(intents).toEqual([]);
  });
});

describe('the stream', () => {
  it('gives the snapshot at once and each change after it', async () => {
    const cookie = await launched();
    // An EventSource of our own page sends no Origin.
    const headers = { 'sec-fetch-site': 'same-origin', accept: 'text/event-stream', cookie };
    const first = send('/trpc/visit.snapshot', { headers, until: '"revision":2' });
    revision = 2;
    await expect
      .poll(
        async () => {
          ring();
          return Promise.race([first.then(() => true), new Promise((r) => setTimeout(r, 20, false))]);
        },
        { timeout: 3_000 },
      )
      .toBe(true);
    const answer = await first;
    expect(answer.headers['content-type']).toContain('text/event-stream');
    expect(answer.body).toContain('"screen":"attract"');
  });
});

describe('staff', () => {
  it('signs in, is known, and is forgotten after a quarter of an hour of idleness', async () => {
    expect((await call('admin.signIn', { email: 'a@b.co', password: 'wrong' })).status).toBe(401);
    const cookie = cookieOf(await call('admin.signIn', { email: 'a@b.co', password: 'right' }));
    const me = () => send('/trpc/admin.me', { headers: { ...own(), cookie } });
    clock.advance(STAFF_IDLE_MS);
    expect((await me()).body).toContain('a@b.co');
    clock.advance(STAFF_IDLE_MS + 1);
    expect((await me()).body).not.toContain('a@b.co');
  });

  it('can’t be guessed: ten wrong tries, then a rest of ten minutes', async () => {
    const attempt = (password: string) => call('admin.signIn', { email: 'a@b.co', password });
    for (let count = 0; count < 10; count++) expect((await attempt('wrong')).status).toBe(401);
    expect((await attempt('right')).status).toBe(429);
    clock.advance(10 * 60_000);
    expect((await attempt('right')).status).toBe(200);
  });

  it('is signed out for good', async () => {
    const cookie = cookieOf(await call('admin.signIn', { email: 'a@b.co', password: 'right' }));
    expect((await call('admin.signOut', undefined, { cookie })).status).toBe(200);
    expect((await call('admin.signOut', undefined, { cookie })).status).toBe(401);
  });

  it('is not told the inside of a failure', async () => {
    const cookie = cookieOf(await call('admin.signIn', { email: 'a@b.co', password: 'right' }));
    const input = encodeURIComponent(JSON.stringify({ timeZone: 'UTC' }));
    const answer = await send(`/trpc/admin.todayReport?input=${input}`, { headers: { ...own(), cookie } });
    expect(answer.status).toBe(503);
    expect(answer.body).not.toContain('secret detail');
  });
});

describe('pages', () => {
  it('are served without being kept, their files for ever, nothing outside the folder', async () => {
    expect(await send('/')).toMatchObject({ status: 200, body: '<p>kiosk</p>' });
    expect((await send('/')).headers['cache-control']).toBe('no-store');
    expect((await send('/admin')).body).toBe('<p>admin</p>');
    expect((await send('/assets/a-1.js')).headers['cache-control']).toContain('immutable');
    expect((await send('/..%2fused-nonces')).status).toBeGreaterThanOrEqual(400);
    expect((await send('/nothing')).status).toBe(404);
  });

  it('may use the microphone, their own scripts and the voice server, and nothing else', async () => {
    const { headers } = await send('/');
    expect(headers['permissions-policy']).toContain('microphone=(self)');
    expect(headers['x-content-type-options']).toBe('nosniff');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self' ws://127.0.0.1:7880 http://127.0.0.1:7880");
    expect(policy).toContain('frame-src http://127.0.0.1:8003;');
    expect(policy).not.toContain('unsafe');
    expect(securityHeaders('ws://127.0.0.1:7880', null)['content-security-policy']).toContain(
      "frame-src 'none';",
    );
  });

  it('health and metrics answer tools, not browsers of other sites', async () => {
    expect(JSON.parse((await send('/health')).body)).toMatchObject({ service: 'station', instance: 'i1' });
    expect((await send('/metrics')).body).toBe('up 1\n');
    expect((await send('/health', { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
  });
});

describe('webhooks of the LiveKit server', () => {
  const post = (headers: Record<string, string>, body = 'event') =>
    send('/livekit/webhook', {
      method: 'POST',
      headers: { 'content-type': 'application/webhook+json', ...headers },
      body,
    });

  it('are taken when signed, byte for byte', async () => {
    expect((await post({ authorization: 'signed' })).status).toBe(204);
  });

  it('are refused unsigned, changed, or from a browser', async () => {
    expect((await post({})).status).toBe(401);
    expect((await post({ authorization: 'signed' }, 'other')).status).toBe(401);
    expect((await post({ authorization: 'signed', ...own() })).status).toBe(403);
    expect((await post({ authorization: 'signed', origin: 'http://127.0.0.1:1' })).status).toBe(403);
  });
});
