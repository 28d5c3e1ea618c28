import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { problemCodeOf } from './problems.ts';
import { RelayFault } from './relay-call.ts';
import { createRelayClient } from './relay-client.ts';

const ID = '6f3d2b54-5f0e-4a52-9a55-0d3a5a4f9d01';
const PURCHASE = {
  purchaseId: ID,
  packageId: 'starter',
  status: 'pending',
  priceCents: 999,
  currency: 'usd',
  checkoutUrl: 'https://pay.example/c',
  expiresAt: null,
  lastPaymentError: null,
  code: null,
  claimUrl: null,
  reader: null,
  readerUrl: null,
  payUrl: null,
};

let server: Server;
let baseUrl: string;
let seen: { method: string; url: string; authorization: string; body: string }[];
/** Answers in order; the last one stays. */
let answers: { status: number; body: unknown }[];

beforeEach(async () => {
  seen = [];
  answers = [{ status: 200, body: PURCHASE }];
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  baseUrl = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { method = '', url = '', headers } = request;
  seen.push({ method, url, authorization: headers.authorization ?? '', body });
  const next = (answers.length > 1 ? answers.shift() : answers[0]) ?? { status: 500, body: {} };
  response.writeHead(next.status, { 'content-type': 'application/json' }).end(JSON.stringify(next.body));
}

/** Patient by default: on a busy machine an answer may take seconds. */
const client = (jwt: string | null = 'kiosk-jwt', timeoutMs = 20_000) =>
  createRelayClient({ baseUrl, kioskJwt: async () => jwt, timeoutMs, pause: async () => undefined });
const refusal = (code: string) => ({ error: { code, message: 'because' } });
const checkout = { purchaseId: ID, packageId: 'starter', visitId: ID, userId: null };

describe('the relay client', () => {
  it('asks as the kiosk and gives back what was parsed', async () => {
    expect(await client().createCheckout(checkout)).toEqual(PURCHASE);
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/checkout-sessions',
      authorization: 'Bearer kiosk-jwt',
    });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ ...checkout, locale: 'en' });
  });

  it('repeats what may be repeated through a short outage', async () => {
    answers = [
      { status: 503, body: {} },
      { status: 502, body: {} },
      { status: 200, body: PURCHASE },
    ];
    expect(await client().createCheckout(checkout)).toEqual(PURCHASE);
    expect(new Set(seen.map(({ body }) => body)).size).toBe(1);
  });

  it('never repeats a redemption by itself', async () => {
    answers = [{ status: 503, body: refusal('database_unavailable') }];
    const failed = client().redeem({ code: 'X', visitId: ID, userId: null });
    await expect(failed).rejects.toMatchObject({ kind: 'unreachable', code: 'database_unavailable' });
    expect(seen).toHaveLength(1);
  });

  it('does not repeat a refusal', async () => {
    answers = [{ status: 400, body: refusal('package_unknown') }];
    await expect(client().createCheckout(checkout)).rejects.toMatchObject({ kind: 'refused' });
    expect(seen).toHaveLength(1);
  });

  it('does not believe an answer of another shape', async () => {
    answers = [{ status: 200, body: { ...PURCHASE, status: 'free' } }];
    await expect(client().purchase(ID, ID)).rejects.toMatchObject({ kind: 'unexpected' });
  });

  it('asks nothing without an access token', async () => {
    await expect(client(null).purchase(ID, ID)).rejects.toMatchObject({ kind: 'unreachable' });
    expect(seen).toHaveLength(0);
  });

  it('gives up on a relay that never answers', async () => {
    server.removeAllListeners('request').on('request', () => undefined);
    await expect(client('kiosk-jwt', 500).purchase(ID, ID)).rejects.toMatchObject({ kind: 'unreachable' });
  });
});

describe('what a failure means for the customer', () => {
  it.each([
    [new RelayFault('refused', 'code_not_accepted', ''), 'code_not_accepted'],
    [new RelayFault('refused', 'too_many_tries', ''), 'too_many_tries'],
    [new RelayFault('unreachable', 'stripe_unavailable', ''), 'payments_unreachable'],
    [new RelayFault('refused', 'reader_unavailable', ''), 'reader_offline'],
    [new RelayFault('refused', 'reader_busy', ''), 'reader_busy'],
    [new RelayFault('refused', 'pay_here_unavailable', ''), 'payments_unreachable'],
    [new RelayFault('unreachable', '', ''), 'database_unreachable'],
    [new RelayFault('refused', 'constructor', ''), 'something_went_wrong'],
    [new Error('anything'), 'something_went_wrong'],
  ] as const)('%s', (error, expected) => {
    expect(problemCodeOf(error, 'database_unreachable')).toBe(expected);
  });
});
