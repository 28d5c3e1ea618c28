/** The pages for phones: the real process between clients on other addresses and two servers that record what comes. */
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startProcess, type TestProcess } from '../../support/processes/processes.ts';

const TOKEN = 'X-7CFbZUZaZ-bXZuYTWgQQ';
const SESSION = 'cs_test_a1B2c3D4e5F6g7H8i9J0';
/** The machine is 127.0.0.2 in a network of two; a phone is 127.0.0.3, and 127.0.0.1 is somebody outside. */
const MACHINE = '127.0.0.2';
const PHONE = '127.0.0.3';

interface Behind {
  url: string;
  seen: { line: string; headers: IncomingMessage['headers']; body: string }[];
  server: Server;
}

let relay: Behind;
let checkout: Behind;
let lan: TestProcess;

beforeEach(async () => {
  [relay, checkout] = await Promise.all([startBehind(), startBehind()]);
  const env = { LAN_CIDR: `${MACHINE}/31`, RELAY_URL: relay.url, CHECKOUT_URL: checkout.url };
  lan = await startProcess({ entry: 'src-embedded/lan/main.ts', env });
});
afterEach(async () => {
  await lan.stop();
  for (const { server } of [relay, checkout]) server.closeAllConnections();
  for (const { server } of [relay, checkout]) server.close();
});

it('hands a phone the claim page and the checkout, with their security headers and without its cookies', async () => {
  const claim = await ask({
    path: `/r/${TOKEN}?from=qr`,
    headers: { cookie: 'a=b', authorization: 'Bearer x' },
  });
  expect(claim).toMatchObject({ status: 200, body: 'page' });
  expect(claim.headers).toMatchObject({ 'content-security-policy': "default-src 'none'" });
  expect(claim.headers).not.toHaveProperty('set-cookie');
  expect(claim.headers).not.toHaveProperty('x-inner');
  expect(relay.seen.map(({ line }) => line)).toEqual([`GET /r/${TOKEN}`]);
  expect(relay.seen[0]?.headers).not.toHaveProperty('cookie');
  expect(relay.seen[0]?.headers).not.toHaveProperty('authorization');
  const paid = await ask({
    method: 'POST',
    path: `/c/pay/${SESSION}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'number=4242',
  });
  expect(paid).toMatchObject({ status: 303, headers: { location: '/next' } });
  expect(checkout.seen).toMatchObject([{ line: `POST /c/pay/${SESSION}`, body: 'number=4242' }]);
});

it('hands on nothing else: no other path, host, client, method or size reaches what lies behind', async () => {
  const refusals = [
    [404, { path: '/' }],
    [404, { path: '/health' }],
    [404, { path: '/metrics' }],
    [404, { path: '/purchases' }],
    [404, { path: '/v1/payment_intents', headers: { authorization: 'Bearer sk_test_x' } }],
    [404, { path: `/r/%2e%2e/health` }],
    [404, { path: `/r/${TOKEN}/../../health` }],
    [404, { path: `${relay.url}/health` }],
    [405, { path: `/r/${TOKEN}`, method: 'POST' }],
    [405, { path: `/c/pay/${SESSION}`, method: 'PUT' }],
    [421, { path: `/r/${TOKEN}`, host: 'evil.example' }],
    [421, { path: `/r/${TOKEN}`, host: `127.0.0.1:${lan.port}` }],
    [403, { path: `/r/${TOKEN}`, from: '127.0.0.1' }],
    [413, { path: `/c/pay/${SESSION}`, method: 'POST', body: 'x'.repeat(20_000) }],
  ] as const;
  for (const [status, what] of refusals) expect([what, (await ask(what)).status]).toEqual([what, status]);
  expect(await raw(`CONNECT 127.0.0.1:${lan.port} HTTP/1.1\r\nHost: x\r\n\r\n`)).not.toMatch(/^HTTP\/1\.1 2/);
  expect(await raw(`GET /r/${TOKEN} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n`)).toMatch(/^HTTP\/1\.1 4/);
  expect([relay.seen, checkout.seen]).toEqual([[], []]);
});

it('listens for itself on loopback, and for phones on the one address of the network', async () => {
  expect((await lan.health()).status).toBe('ok');
  await expect(ask({ path: `/r/${TOKEN}`, to: '127.0.0.4', from: '127.0.0.4' })).rejects.toThrow(
    /ECONNREFUSED/,
  );
  const health = await ask({ path: '/health', to: '127.0.0.1', from: '127.0.0.1' });
  expect(health.status).toBe(200);
  expect((await ask({ path: `/r/${TOKEN}`, to: '127.0.0.1', from: '127.0.0.1' })).status).toBe(404);
});

it('is refused in production', async () => {
  const env = { LAN_CIDR: `${MACHINE}/31`, RELAY_URL: relay.url, ENVIRONMENT: 'production' };
  await expect(startProcess({ entry: 'src-embedded/lan/main.ts', env })).rejects.toThrow(/production/);
});

it('asks only this machine for pages', async () => {
  const env = { LAN_CIDR: `${MACHINE}/31`, RELAY_URL: 'http://192.0.2.1:80' };
  await expect(startProcess({ entry: 'src-embedded/lan/main.ts', env })).rejects.toThrow(/RELAY_URL/);
});

interface Asked {
  path: string;
  method?: string;
  headers?: Record<string, string>;
  host?: string;
  body?: string;
  from?: string;
  to?: string;
}

function ask({ path, method = 'GET', headers = {}, host, body, from = PHONE, to = MACHINE }: Asked) {
  return new Promise<{ status: number; headers: IncomingMessage['headers']; body: string }>(
    (resolve, reject) => {
      const sent = request({
        host: to,
        port: lan.port,
        localAddress: from,
        path,
        method,
        agent: false,
        headers: { ...headers, host: host ?? `${to}:${lan.port}` },
      });
      sent.once('error', reject);
      sent.once('response', async (response) => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: await textOf(response),
        });
      });
      sent.end(body);
    },
  );
}

/** What a client gets that writes its request by hand. */
function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: MACHINE, port: lan.port, localAddress: PHONE }, () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
      socket.end();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

async function startBehind(): Promise<Behind> {
  const seen: Behind['seen'] = [];
  const server = createServer(async (incoming, response) => {
    const body = await textOf(incoming);
    seen.push({ line: `${incoming.method} ${incoming.url}`, headers: incoming.headers, body });
    response.writeHead(incoming.method === 'POST' ? 303 : 200, {
      'content-type': 'text/html',
      'content-security-policy': "default-src 'none'",
      'set-cookie': 'inner=1',
      'x-inner': 'secret',
      ...(incoming.method === 'POST' && { location: '/next' }),
    });
    response.end('page');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, server };
}

async function textOf(stream: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
