/**
 * The servers of the bench of webhooks, in one process of their own and measured in turns, so that each has the whole
 * process while it is asked. Reads its set-up as JSON from WEBHOOK_BENCH, prints the four addresses as JSON when it
 * listens, and ends with its stdin.
 *
 * - `relay`: the relay's own server (src-relay/routes/server.ts) with all its hooks and limits: signature, time, mode and type are
 *   checked, and the event is stored by `store_webhook_events` through the Supabase API. Working the event off, which
 *   follows the answer, is left out.
 * - `bare`: what one would write by hand: Fastify with the body as bytes, `constructEvent` of the Stripe library, one
 *   `insert … on conflict do nothing` of the same columns by `pg` over a pool into a table of its own, in the same Postgres,
 *   with commits on the disk like the other. No checks beyond the library's, no limits, no metrics, no service between.
 * - `near`: the same by hand, but stored as the relay stores: one call of `store_webhook_events` through the Supabase API.
 * - `idle`: Fastify that answers 200 and looks at nothing.
 */
import Fastify from 'fastify';
import { Pool } from 'pg';
import Stripe from 'stripe';
import { z } from 'zod';
import { createAuthAccounts } from '../../../src-relay/doors/auth-accounts.ts';
import { createCredentialReader } from '../../../src-relay/doors/credentials.ts';
import { createServiceClient } from '../../../src-relay/doors/database/client.ts';
import { createDatabase } from '../../../src-relay/doors/database/database.ts';
import { createCardReaders } from '../../../src-relay/doors/stripe/card-reader.ts';
import { createStripeClient } from '../../../src-relay/doors/stripe/client.ts';
import { createStripeGateway } from '../../../src-relay/doors/stripe/gateway.ts';
import { CodeBook } from '../../../src-relay/model/codes.ts';
import { createSettler } from '../../../src-relay/payments/settle.ts';
import { createMetrics } from '../../../src-relay/routes/metrics.ts';
import { buildServer } from '../../../src-relay/routes/server.ts';
import { createEventInbox } from '../../../src-relay/webhooks/event-inbox.ts';
import { healthReport } from '../../../src-runtime/health.ts';
import { createLogger } from '../../../src-runtime/log.ts';

const setup = z
  .object({
    supabaseUrl: z.string(),
    serviceRoleKey: z.string(),
    databaseUrl: z.string(),
    secret: z.string(),
  })
  .parse(JSON.parse(process.env['WEBHOOK_BENCH'] ?? '{}'));

async function relayServer() {
  const client = createServiceClient(setup.supabaseUrl, setup.serviceRoleKey);
  const database = createDatabase(client);
  // Stripe is not asked: it is only where an event is worked off.
  const stripeClient = createStripeClient('sk_test_bench', 'http://127.0.0.1:1');
  const stripe = createStripeGateway(stripeClient);
  const codes = new CodeBook([{ id: 'k1', secret: Buffer.alloc(32, 1).toString('base64url') }]);
  const [metrics, log] = [createMetrics(), createLogger({ service: 'relay', level: 'info' })];
  const nowMs = () => Date.now();
  return buildServer({
    publicUrl: 'http://127.0.0.1',
    livemode: false,
    webhookSecrets: [setup.secret],
    credentials: createCredentialReader({ supabaseUrl: setup.supabaseUrl, nowMs }),
    ...database,
    accounts: createAuthAccounts(client),
    stripe,
    readers: createCardReaders(stripeClient, {}, ''),
    payHere: undefined,
    codes,
    settler: createSettler({ ...database, stripe, codes, metrics, log }),
    inbox: createEventInbox(database.events, { wake: () => undefined }),
    metrics,
    log,
    nowMs,
    health: () => healthReport('relay', 'bench', {}),
  });
}

/** Verifies with the library, stores the event, answers. */
function handWritten(store: (event: Stripe.Event) => Promise<unknown>) {
  const app = Fastify();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post('/webhooks/stripe', async (request) => {
    const header = String(request.headers['stripe-signature']);
    const event = Stripe.webhooks.constructEvent(request.body as Buffer, header, setup.secret);
    await store(event);
    return { received: true };
  });
  return app;
}

function bareServer(pool: Pool) {
  return handWritten((event) =>
    pool.query({
      name: 'store',
      text: `insert into bare.webhook_inbox (event_id, type, created, livemode, payload)
             values ($1, $2, to_timestamp($3), $4, $5) on conflict (event_id) do nothing`,
      values: [event.id, event.type, event.created, event.livemode, JSON.stringify(event)],
    }),
  );
}

function nearServer() {
  const database = createDatabase(createServiceClient(setup.supabaseUrl, setup.serviceRoleKey));
  return handWritten((event) => database.events.store([event]));
}

function idleServer() {
  const app = Fastify();
  app.post('/webhooks/stripe', async () => ({ received: true }));
  return app;
}

const pool = new Pool({ connectionString: setup.databaseUrl, max: 16 });
const host = '127.0.0.1';
const [relay, bare, near, idle] = await Promise.all([
  (await relayServer()).listen({ host, port: 0 }),
  bareServer(pool).listen({ host, port: 0 }),
  nearServer().listen({ host, port: 0 }),
  idleServer().listen({ host, port: 0 }),
]);
process.stdin.resume().once('end', () => process.exit(0));
process.stdout.write(`${JSON.stringify({ relay, bare, near, idle })}\n`);
