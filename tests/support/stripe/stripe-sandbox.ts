/** For tests: a Stripe sandbox in this process, the official client pointed at it, and a webhook receiver. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Stripe from 'stripe';
import { startSandbox } from '../../../src-embedded/stripe/server.ts';
import { createLogger } from '../../../src-runtime/log.ts';

export const TEST_SECRET_KEY = 'sk_test_only_for_tests';
export const TEST_PUBLISHABLE_KEY = 'pk_test_only_for_tests';
export const TEST_WEBHOOK_SECRET = 'whsec_only_for_tests';

/** Card fields of the hosted page; the number is changed per test. */
export const GOOD_CARD = {
  email: 'ana@example.com',
  number: '4242 4242 4242 4242',
  expiry: '12 / 49',
  cvc: '123',
};

/** The unchanged client, with retries off unless asked, so that a test sees each answer. */
export function clientOf(url: string, options: { apiKey?: string; retries?: number } = {}): Stripe {
  const { hostname, port } = new URL(url);
  return new Stripe(options.apiKey ?? TEST_SECRET_KEY, {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    maxNetworkRetries: options.retries ?? 0,
    telemetry: false,
  });
}

export interface TestSandbox {
  url: string;
  stripe: Stripe;
  /** Sets the fault knobs. */
  faults(knobs: Record<string, string>): Promise<void>;
  close(): Promise<void>;
}

/** The simulated card reader of every test sandbox. */
export const TEST_READER = 'tmr_test';

export interface TestSandboxOptions {
  webhookUrl?: string;
  faults?: boolean;
  nowMs?: () => number;
}

export async function startTestSandbox(options: TestSandboxOptions = {}): Promise<TestSandbox> {
  const dir = mkdtempSync(join(tmpdir(), 'stripe-sandbox-'));
  const sandbox = await startSandbox({
    port: 0,
    databasePath: join(dir, 'stripe-sandbox.sqlite'),
    secretKey: TEST_SECRET_KEY,
    publishableKey: TEST_PUBLISHABLE_KEY,
    webhook: options.webhookUrl ? { url: options.webhookUrl, secret: TEST_WEBHOOK_SECRET } : null,
    faults: options.faults ?? true,
    publicUrl: null,
    readerId: TEST_READER,
    instanceId: 'test',
    log: createLogger({ service: 'stripe', level: 'silent' }),
    ...(options.nowMs ? { nowMs: options.nowMs } : {}),
  });
  const stripe = clientOf(sandbox.url);
  return {
    url: sandbox.url,
    stripe,
    async faults(knobs) {
      await knob(sandbox.url, 'faults', knobs);
    },
    async close() {
      await sandbox.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** POST to a test knob; gives the object it answers with. @throws Error when it refuses. */
export async function knob(
  url: string,
  path: string,
  fields: Record<string, string>,
): Promise<Stripe.Dispute> {
  const response = await fetch(`${url}/_sandbox/${path}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${TEST_SECRET_KEY}` },
    body: new URLSearchParams(fields),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Stripe.Dispute;
}

export interface Page {
  status: number;
  location: string | null;
  text: string;
  headers: Headers;
}

/** GET of a page, redirects not followed. */
export async function openPage(url: string): Promise<Page> {
  return pageOf(await fetch(url, { redirect: 'manual' }));
}

/** Posts the form of a page, as a browser without JavaScript does; redirects not followed. */
export async function postForm(url: string, fields: Record<string, string>): Promise<Page> {
  return pageOf(await fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams(fields) }));
}

async function pageOf(response: Response): Promise<Page> {
  const { status, headers } = response;
  return { status, headers, location: headers.get('location'), text: await response.text() };
}

/** What the card fields of a page send: a typed card, confirmed with a publishable key and a client secret. */
export async function confirmTyped(
  url: string,
  intentId: string,
  clientSecret: string,
  options: { number?: string; key?: string; fields?: Record<string, string> } = {},
): Promise<{ status: number; body: Record<string, unknown> & { error?: Record<string, unknown> } }> {
  const response = await fetch(`${url}/v1/payment_intents/${intentId}/confirm`, {
    method: 'POST',
    headers: { authorization: `Bearer ${options.key ?? TEST_PUBLISHABLE_KEY}` },
    body: new URLSearchParams({
      client_secret: clientSecret,
      'payment_method_data[type]': 'card',
      'payment_method_data[card][number]': options.number ?? GOOD_CARD.number,
      'payment_method_data[card][exp_month]': '12',
      'payment_method_data[card][exp_year]': '2049',
      'payment_method_data[card][cvc]': '123',
      ...options.fields,
    }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

export interface Received {
  signature: string;
  body: string;
  event: { id: string; type: string };
}

export interface WebhookReceiver {
  url: string;
  received: Received[];
  /** Status of the coming answers; 200 at first. */
  answerWith(status: number): void;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<WebhookReceiver> {
  const received: Received[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const event = JSON.parse(body) as Received['event'];
      received.push({ signature: String(request.headers['stripe-signature']), body, event });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/webhooks/stripe`,
    received,
    answerWith(next) {
      status = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Waits until `condition` holds. @throws Error when it doesn't within `timeoutMs`. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not so within ${timeoutMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A session for one Starter card. */
export function createStarterSession(
  stripe: Stripe,
  more: Partial<Stripe.Checkout.SessionCreateParams> = {},
  requestOptions: Stripe.RequestOptions = {},
): Promise<Stripe.Response<Stripe.Checkout.Session>> {
  return stripe.checkout.sessions.create(
    {
      mode: 'payment',
      success_url: 'http://kiosk.example/r/token?session={CHECKOUT_SESSION_ID}',
      cancel_url: 'http://kiosk.example/cancel',
      client_reference_id: 'purchase-1',
      metadata: { purchase_id: 'purchase-1' },
      payment_intent_data: { metadata: { purchase_id: 'purchase-1' } },
      line_items: [
        {
          quantity: 1,
          price_data: { currency: 'usd', unit_amount: 999, product_data: { name: 'Starter <1 h>' } },
        },
      ],
      ...more,
    },
    requestOptions,
  );
}

/** What a rejected call of the client was refused with. @throws Error when it wasn't refused. */
export async function refusal(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof Stripe.errors.StripeError) return outcome;
  throw new Error(`expected a refusal by Stripe, got ${String(outcome)}`);
}
