/**
 * The relay: the only process that holds the Stripe secret and the service-role key. It takes payments and webhooks,
 * makes activation codes and redeems them.
 */
import { runChild } from '../src-runtime/child.ts';
import type { ProcessEnvironment } from '../src-runtime/environment.ts';
import { healthReport } from '../src-runtime/health.ts';
import type { Logger } from '../src-runtime/log.ts';
import { requireSigningKeys, signingKeysLine } from '../src-runtime/signing-keys.ts';
import { startInstallation } from './accounts/installation.ts';
import { startHousekeeping } from './cards/housekeeping.ts';
import { createAuthAccounts } from './doors/auth-accounts.ts';
import { createCredentialReader } from './doors/credentials.ts';
import { createServiceClient } from './doors/database/client.ts';
import { createDatabase } from './doors/database/database.ts';
import { createCardReaders } from './doors/stripe/card-reader.ts';
import { createStripeClient, isLiveKey } from './doors/stripe/client.ts';
import { createStripeGateway } from './doors/stripe/gateway.ts';
import { type RelayEnvironment, relayEnvironment } from './environment.ts';
import { CodeBook } from './model/codes.ts';
import { payHereOf } from './payments/pay-here.ts';
import { createSettler } from './payments/settle.ts';
import { startProbe } from './probes.ts';
import { createMetrics } from './routes/metrics.ts';
import { buildServer } from './routes/server.ts';
import { createEventInbox } from './webhooks/event-inbox.ts';
import { inboxLine } from './webhooks/inbox-line.ts';
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
  const accounts = createAuthAccounts(client);
  const stripeClient = createStripeClient(env.STRIPE_SECRET_KEY, env.STRIPE_API_BASE);
  const stripe = createStripeGateway(stripeClient);
  const kioskId = env.KIOSK_ACCOUNT?.kioskId;
  const readerIds = env.STRIPE_TERMINAL_READER && kioskId ? { [kioskId]: env.STRIPE_TERMINAL_READER } : {};
  const readers = createCardReaders(stripeClient, readerIds, env.STRIPE_API_BASE);
  const reader = kioskId === undefined ? undefined : readers.beside(kioskId);
  const payHere = payHereOf(env);
  const codes = new CodeBook(env.CODE_KEYS);
  const metrics = createMetrics();
  const credentials = createCredentialReader({ supabaseUrl: env.SUPABASE_URL, nowMs });
  const settler = createSettler({ ...database, stripe, codes, metrics, log });
  const worker = startWebhookWorker({ ...database, stripe, settler, metrics, log });
  const inbox = createEventInbox(database.events, worker);
  const cursor = databaseCursor(database.events, env.STRIPE_SECRET_KEY);
  const stopSweep = startSweep({ ...database, stripe, inbox, cursor, nowMs, log });
  const stopHousekeeping = startHousekeeping({
    ...database,
    webhookPayloadDays: env.WEBHOOK_PAYLOAD_DAYS,
    log,
  });
  const installation = startInstallation({
    ...database,
    accounts,
    log,
    kiosk: env.KIOSK_ACCOUNT,
    admin: env.ADMIN_ACCOUNT,
  });
  const databaseProbe = startProbe({
    ...PROBE,
    ask: database.purchases.listPackages,
    trouble: `no answer from the database at ${env.SUPABASE_URL}: check that it runs and that the key fits`,
  });
  const signingKeysProbe = startProbe({
    ...PROBE,
    ask: () => requireSigningKeys(env.SUPABASE_URL),
    trouble: signingKeysLine,
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
    ...database,
    credentials,
    accounts,
    stripe,
    readers,
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
        signingKeys: signingKeysProbe.check(),
        stripe: stripeProbe.check(),
        webhooks: inboxLine(worker.inbox()),
        accounts: installation.check(),
        ...(readerProbe && { reader: readerProbe.check() }),
      }),
  });
  await app.listen({ host: '127.0.0.1', port: env.PORT });
  return async () => {
    const probes = [databaseProbe, signingKeysProbe, stripeProbe, readerProbe];
    for (const part of [credentials, installation, ...probes]) part?.stop();
    stopSweep();
    stopHousekeeping();
    await Promise.all([app.close(), worker.stop()]);
  };
}
