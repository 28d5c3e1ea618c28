/** Pages from a page server, as their browser and an attacker meet them: a real station API before a recording server. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { healthReport } from '../../src-runtime/health.ts';
import { createLogger } from '../../src-runtime/log.ts';
import { systemClock } from '../clock.ts';
import type { Doors } from './doors.ts';
import { serveLocalApi } from './server.ts';

const NONCE = 'nonce-of-the-run';
let dir = '';
let app: FastifyInstance;
let pages: Server;
let port = 0;
let asked: { url: string | undefined; headers: Record<string, unknown> }[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'page-server-'));
  asked = [];
  pages = createServer((request, response) => {
    asked.push({ url: request.url, headers: request.headers });
    response.setHeader('content-type', 'text/javascript');
    response.setHeader('access-control-allow-origin', '*');
    response.end('page');
  });
  pages.on('upgrade', (request, socket: Socket) => {
    asked.push({ url: request.url, headers: request.headers });
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on('data', (chunk) => socket.write(chunk));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  app = await serveLocalApi({
    port: 0,
    pageDir: join(dir, 'nothing-built'),
    pageServer: { url: `http://127.0.0.1:${(pages.address() as AddressInfo).port}`, nonce: NONCE },
    usedNoncesFile: join(dir, 'used-nonces'),
    launchSecret: 'a launch secret of the test',
    livekitUrl: 'ws://127.0.0.1:7880',
    payPageOrigin: null,
    doors: {} as Doors,
    clock: systemClock(),
    log: createLogger({ service: 'test', level: 'silent' }),
    health: () => healthReport('station', 'i1'),
    metrics: async () => '',
    roomEvent: async () => false,
  });
  port = (app.server.address() as AddressInfo).port;
});
afterEach(async () => {
  await app.close();
  pages.closeAllConnections();
  pages.close();
  rmSync(dir, { recursive: true, force: true });
});

it('come from it, by their addresses and with their queries, and the station keeps what is its own', async () => {
  expect((await get('/')).body).toBe('page');
  await get('/admin/');
  await get('/kiosk/main.tsx?t=1');
  expect(asked.map(({ url }) => url)).toEqual(['/index.html', '/admin/index.html', '/kiosk/main.tsx?t=1']);
  expect((await get('/admin')).headers['location']).toBe('/admin/');
  expect((await get('/health')).body).toContain('"service":"station"');
  expect((await get('/launch?nonce=x')).status).toBe(403);
  expect(asked).toHaveLength(3);
});

it('keep the policy: what the page server adds carries the nonce of the run, and nothing else inline is run', async () => {
  const { headers } = await get('/');
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain(`script-src 'self' 'nonce-${NONCE}'`);
  expect(policy).toContain(`style-src 'self' 'nonce-${NONCE}'`);
  expect(policy).not.toMatch(/unsafe/);
  expect(headers).not.toHaveProperty('access-control-allow-origin');
  expect(headers['x-frame-options']).toBe('DENY');
});

it('are refused to other names and other sites, before the page server hears of it', async () => {
  expect((await get('/', { host: 'evil.example' })).status).toBe(421);
  expect((await get('/kiosk/main.tsx', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect(asked).toEqual([]);
});

it('hear of changes by their own line, without our cookies; a line of another page is cut', async () => {
  const own = { origin: `http://127.0.0.1:${port}`, cookie: 'mindbot_page=x' };
  expect(await upgrade({ ...own, 'sec-fetch-site': 'same-origin' })).toBe('echo');
  expect(asked[0]?.headers).not.toHaveProperty('cookie');
  for (const headers of [
    {},
    { origin: 'https://evil.example' },
    { ...own, host: 'evil.example' },
    { ...own, 'sec-fetch-site': 'cross-site' },
  ]) {
    expect(await upgrade(headers)).toBe('refused');
  }
  expect(asked).toHaveLength(1);
});

function get(path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const sent = httpRequest({ host: '127.0.0.1', port, path, headers, agent: false }, async (response) => {
        let body = '';
        for await (const chunk of response) body += String(chunk);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
      sent.once('error', reject);
      sent.end();
    },
  );
}

/** Opens a WebSocket by hand and says `echo` on it. */
function upgrade(headers: Record<string, string>): Promise<string> {
  return new Promise((resolve) => {
    const sent = httpRequest({
      host: '127.0.0.1',
      port,
      path: '/?token=x',
      agent: false,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'sec-websocket-version': '13',
        ...headers,
      },
    });
    sent.once('error', () => resolve('refused'));
    sent.once('response', () => resolve('answered'));
    sent.once('upgrade', (_response, socket) => {
      socket.once('data', (chunk: Buffer) => {
        socket.destroy();
        resolve(chunk.toString());
      });
      socket.write('echo');
    });
    sent.end();
  });
}
