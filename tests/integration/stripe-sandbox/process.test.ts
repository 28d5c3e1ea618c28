/** The sandbox as the process it is: kill -9 loses nothing that was answered, and a wrong environment is refused. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Stripe from 'stripe';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort } from '../../support/processes/free-port.ts';
import {
  clientOf,
  confirmTyped,
  createStarterSession,
  GOOD_CARD,
  postForm,
  startReceiver,
  TEST_PUBLISHABLE_KEY,
  TEST_SECRET_KEY,
  TEST_WEBHOOK_SECRET,
  until,
} from '../../support/stripe/stripe-sandbox.ts';

let dir: string;
let port: number;
let child: ChildProcess | undefined;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'stripe-process-'));
  port = await freePort();
});
afterEach(async () => {
  await kill();
  rmSync(dir, { recursive: true, force: true });
});

function environment(more: Record<string, string> = {}): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    PORT: String(port),
    STRIPE_SECRET_KEY: TEST_SECRET_KEY,
    STRIPE_WEBHOOK_SECRET: TEST_WEBHOOK_SECRET,
    MINDBOT_DATA_DIR: join(dir, 'data'),
    MINDBOT_LOG_DIR: join(dir, 'logs'),
    MINDBOT_INSTANCE_ID: 'instance-1',
    LOG_LEVEL: 'debug',
    ...more,
  };
}

async function start(more: Record<string, string> = {}): Promise<Stripe> {
  child = spawn(process.execPath, ['src-embedded/stripe/main.ts'], {
    env: environment(more),
    stdio: 'inherit',
  });
  const url = `http://127.0.0.1:${port}`;
  await until(() =>
    fetch(`${url}/health`).then(
      (response) => response.ok,
      () => false,
    ),
  );
  return clientOf(url);
}

async function kill(): Promise<void> {
  const running = child;
  child = undefined;
  if (!running || running.exitCode !== null || running.signalCode !== null) return;
  running.kill('SIGKILL');
  await once(running, 'exit');
}

async function failedStart(more: Record<string, string>): Promise<{ code: number | null; error: string }> {
  const started = spawn(process.execPath, ['src-embedded/stripe/main.ts'], { env: environment(more) });
  let error = '';
  started.stderr.on('data', (chunk: Buffer) => {
    error += chunk.toString();
  });
  await once(started, 'close');
  return { code: started.exitCode, error };
}

it('keeps a paid session, its answers and its undelivered events through kill -9', async () => {
  const receiver = await startReceiver();
  receiver.answerWith(503);
  try {
    let stripe = await start({ WEBHOOK_URL: receiver.url });
    const session = await createStarterSession(stripe, {}, { idempotencyKey: 'buy-1' });
    expect((await postForm(session.url ?? '', GOOD_CARD)).status).toBe(303);
    await kill();
    receiver.received.length = 0;
    receiver.answerWith(200);

    stripe = await start({ WEBHOOK_URL: receiver.url });
    const again = await createStarterSession(stripe, {}, { idempotencyKey: 'buy-1' });
    expect(again.id).toBe(session.id);
    const after = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
    expect(after).toMatchObject({ status: 'complete', payment_status: 'paid' });
    expect(after.payment_intent).toMatchObject({ status: 'succeeded', amount_received: 999 });
    await until(() => new Set(receiver.received.map(({ event }) => event.type)).size === 4);
    for (const { body, signature } of receiver.received) {
      stripe.webhooks.constructEvent(body, signature, TEST_WEBHOOK_SECRET);
    }
  } finally {
    await receiver.close();
  }
});

it('loses nothing acknowledged when it is killed in the middle of a burst', async () => {
  let stripe = await start();
  const acknowledged: string[] = [];
  const worker = async () => {
    for (;;) {
      const intent = await stripe.paymentIntents
        .create({ amount: 1000, currency: 'usd' })
        .catch(() => undefined);
      if (!intent) return;
      acknowledged.push(intent.id);
    }
  };
  const workers = Array.from({ length: 8 }, worker);
  await until(() => acknowledged.length >= 20);
  await kill();
  await Promise.all(workers);

  stripe = await start();
  const told = new Set<string>();
  for await (const event of stripe.events.list({ type: 'payment_intent.created', limit: 100 })) {
    told.add((event.data.object as Stripe.PaymentIntent).id);
  }
  for (const id of acknowledged) {
    expect(told).toContain(id);
    expect((await stripe.paymentIntents.retrieve(id)).status).toBe('requires_payment_method');
  }
});

it('writes no card number, security code or key into its files', async () => {
  const stripe = await start({ STRIPE_PUBLISHABLE_KEY: TEST_PUBLISHABLE_KEY });
  const typed = await stripe.paymentIntents.create({
    amount: 999,
    currency: 'usd',
    allowed_payment_method_types: ['card'],
  });
  const number = '5555 5555 5555 4444';
  const confirmed = await confirmTyped(`http://127.0.0.1:${port}`, typed.id, typed.client_secret ?? '', {
    number,
  });
  expect(confirmed).toMatchObject({ status: 200, body: { status: 'succeeded' } });
  const session = await createStarterSession(stripe);
  await postForm(session.url ?? '', { ...GOOD_CARD, number, cvc: '7391' });
  await postForm(session.url ?? '', { ...GOOD_CARD, number: '5555555555554444', cvc: '739' });
  const files = ['data', 'logs'].flatMap((name) =>
    readdirSync(join(dir, name)).map((file) => readFileSync(join(dir, name, file), 'latin1')),
  );
  const everything = files.join('\n');
  expect(everything).toContain('"last4":"4444"');
  expect(everything).toContain(`/c/pay/${session.id}`);
  expect(everything).not.toMatch(/5555[ -]?5555/);
  expect(everything).not.toContain(TEST_SECRET_KEY);
  expect(everything).not.toContain(TEST_PUBLISHABLE_KEY);
  expect(everything).not.toContain(TEST_WEBHOOK_SECRET);
});

it('refuses production, knobs in production, and a key that is not a test key', async () => {
  const production = await failedStart({ ENVIRONMENT: 'production' });
  expect(production).toMatchObject({ code: 1, error: expect.stringContaining('Test payments are refused') });
  const knobs = await failedStart({ ENVIRONMENT: 'production', SANDBOX_FAULTS: '1' });
  expect(knobs).toMatchObject({ code: 1, error: expect.stringContaining('SANDBOX_FAULTS=1') });
  const publishable = await failedStart({ STRIPE_PUBLISHABLE_KEY: 'pk_live_aaaaaaaaaaaa' });
  expect(publishable).toMatchObject({ code: 1, error: expect.stringContaining('STRIPE_PUBLISHABLE_KEY') });
  const live = await failedStart({ STRIPE_SECRET_KEY: 'sk_live_aaaaaaaaaaaa' });
  expect(live).toMatchObject({ code: 1, error: expect.stringContaining('STRIPE_SECRET_KEY') });
});
