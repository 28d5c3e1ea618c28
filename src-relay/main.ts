/**
 * The relay: the only process that holds the Stripe secret and the service-role key. It takes payments and webhooks,
 * makes activation codes and redeems them (spec §3).
 */
import { runChild } from '../src-runtime/child.ts';
import type { ProcessEnvironment } from '../src-runtime/environment.ts';
import { healthReport } from '../src-runtime/health.ts';
import type { Logger } from '../src-runtime/log.ts';
import { createDeviceAccounts } from './accounts/enrolment.ts';
import { startAccounts } from './accounts/installation.ts';
import { startHousekeeping } from './cards/housekeeping.ts';
import { createCredentialReader } from './doors/credentials.ts';
import { createDatabase, createServiceClient } from './doors/database/database.ts';
import { createWallets } from './doors/database/wallets.ts';
import { createCardReader } from './doors/stripe/card-reader.ts';
import { createStripeClient, createStripeGateway, isLiveKey } from './doors/stripe/gateway.ts';
import { type RelayEnvironment, relayEnvironment } from './environment.ts';
import { CodeBook } from './model/codes.ts';
import { payHereOf } from './payments/pay-here.ts';
import { createSettler } from './payments/settle.ts';
import { backlogLine, startProbe } from './probes.ts';
import { createMetrics } from './routes/metrics.ts';
import { buildServer } from './routes/server.ts';
import { createEventInbox } from './webhooks/event-inbox.ts';
import { databaseCursor, startSweep } from './webhooks/sweep.ts';
import { startWebhookWorker } from './webhooks/webhook-worker.ts';

const PROBE = { intervalMs: 15_000, retryMs: 500 };

runChild({
  name: 'relay',
  logFile: 'webhook-server.log',
  environment: relayEnvironment,
  start: ({ env, log }) => startRelay(env, log),
});

async function startRelay(
  env: RelayEnvironment & ProcessEnvironment,
  log: Logger,
): Promise<() => Promise<void>> {
  const nowMs = () => Date.now();
  const client = createServiceClient(env.SUPABASE_URL, env.SUPABASE_SERVICE_ROLE_KEY);
  const database = createDatabase(client);
  const stripeClient = createStripeClient(env.STRIPE_SECRET_KEY, env.STRIPE_API_BASE);
  const stripe = createStripeGateway(stripeClient);
  // One reader stands beside one kiosk: another kiosk's customer must not light it up.
  const reader =
    env.STRIPE_TERMINAL_READER && env.KIOSK_ACCOUNT
      ? createCardReader(stripeClient, {
          readerId: env.STRIPE_TERMINAL_READER,
          kioskId: env.KIOSK_ACCOUNT.kioskId,
          sandboxUrl: env.STRIPE_API_BASE,
        })
      : undefined;
  const payHere = payHereOf(env);
  const codes = new CodeBook(env.CODE_KEYS);
  const metrics = createMetrics();
  const credentials = createCredentialReader({ supabaseUrl: env.SUPABASE_URL, nowMs });
  const settler = createSettler({ database, stripe, codes, metrics, log });
  const worker = startWebhookWorker({ database, stripe, settler, metrics, log });
  const inbox = createEventInbox(database, worker);
  const cursor = databaseCursor(database, env.STRIPE_SECRET_KEY);
  const stopSweep = startSweep({ database, stripe, inbox, cursor, nowMs, log });
  const stopHousekeeping = startHousekeeping({ database, log });
  const accounts = startAccounts({
    client,
    database,
    log,
    kiosk: env.KIOSK_ACCOUNT,
    admin: env.ADMIN_ACCOUNT,
  });
  const databaseProbe = startProbe({
    ...PROBE,
    ask: database.listPackages,
    trouble: `no answer from the database at ${env.SUPABASE_URL}: check that it runs and that the key fits`,
  });
  const stripeProbe = startProbe({
    ...PROBE,
    ask: stripe.probe,
    trouble: 'no good answer from Stripe: check the network and STRIPE_SECRET_KEY',
  });
  const readerProbe =
    reader &&
    startProbe({
      ...PROBE,
      ask: reader.probe,
      trouble: 'the card reader is offline: check its power, its network and STRIPE_TERMINAL_READER',
    });
  const app = await buildServer({
    publicUrl: env.PUBLIC_URL,
    livemode: isLiveKey(env.STRIPE_SECRET_KEY),
    webhookSecrets: env.STRIPE_WEBHOOK_SECRET,
    credentials,
    database,
    wallets: createWallets(client),
    accounts: createDeviceAccounts(client),
    stripe,
    reader,
    payHere,
    codes,
    settler,
    inbox,
    metrics,
    log,
    nowMs,
    health: () =>
      healthReport('relay', env.MINDBOT_INSTANCE_ID, {
        database: databaseProbe.check(),
        stripe: stripeProbe.check(),
        webhooks: backlogLine(worker.backlog()),
        accounts: accounts.check(),
        ...(readerProbe && { reader: readerProbe.check() }),
      }),
  });
  await app.listen({ host: '127.0.0.1', port: env.PORT });
  return async () => {
    for (const part of [credentials, accounts, databaseProbe, stripeProbe, readerProbe]) part?.stop();
    stopSweep();
    stopHousekeeping();
    await Promise.all([app.close(), worker.stop()]);
  };
}
