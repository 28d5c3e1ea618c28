/**
 * Works off the stored Stripe events, one at a time: at start, whenever one is stored, and every 30 seconds. Promise:
 * an event leaves the inbox only after its effect is in the database; trouble leaves it there for the next round.
 */
import type { Database, InboxEvent } from '../doors/database/database.ts';
import type { StripeGateway } from '../doors/stripe/gateway.ts';
import type { PurchaseRow } from '../model/purchase.ts';
import { type EventPointer, pointerOf } from '../model/stripe-events.ts';
import type { Counters, Log } from '../model/witnesses.ts';
import type { Settler } from '../payments/settle.ts';
import type { Metrics } from '../routes/metrics.ts';

const ROUND_INTERVAL_MS = 30_000;
const RETRY_INTERVAL_MS = 2_000;
/** Until the inbox was read for the first time: the database starts together with us. */
const FIRST_READ_INTERVAL_MS = 500;
const BATCH = 50;

export interface WorkerParts {
  database: Database;
  stripe: Pick<StripeGateway, 'purchaseIdOfIntent'>;
  settler: Settler;
  metrics: Pick<Counters, 'events'>;
  log: Log;
}

export interface WebhookWorker {
  /** An event was stored: look soon. */
  wake(): void;
  /** Events still waiting after the last round; undefined before the first. */
  backlog(): number | undefined;
  /** Resolves when the round under way is over. */
  stop(): Promise<void>;
}

export function startWebhookWorker(
  parts: WorkerParts & { metrics: Pick<Metrics, 'backlog'> },
): WebhookWorker {
  const failing = new Set<string>();
  let backlog: number | undefined;
  let isStopped = false;
  let isWanted = false;
  let round: Promise<void> | undefined;

  async function rounds(): Promise<void> {
    while (isWanted && !isStopped) {
      isWanted = false;
      try {
        backlog = (await workOff(parts, failing, () => isStopped)) + failing.size;
        parts.metrics.backlog.set(backlog);
      } catch (error) {
        parts.log.warn({ err: error }, 'the event inbox could not be read, trying again');
      }
    }
    round = undefined;
  }
  const wake = () => {
    isWanted = true;
    round ??= rounds();
  };
  const timer = setInterval(wake, ROUND_INTERVAL_MS);
  // The database says when a failed event is due again (2, 4, 8 … seconds); this only asks.
  const retryTimer = setInterval(() => failing.size > 0 && wake(), RETRY_INTERVAL_MS);
  const firstReadTimer = setInterval(() => {
    if (backlog === undefined) wake();
    else clearInterval(firstReadTimer);
  }, FIRST_READ_INTERVAL_MS);
  wake();
  return {
    wake,
    backlog: () => backlog,
    stop: async () => {
      isStopped = true;
      clearInterval(timer);
      clearInterval(retryTimer);
      clearInterval(firstReadTimer);
      await round;
    },
  };
}

/** One pass over the inbox, for a runtime that has no time between requests. @throws RelayError when it can't be read */
export async function workOffInbox(parts: WorkerParts): Promise<void> {
  await workOff(parts, new Set(), () => false);
}

/** One pass over the inbox; each event is tried once. Answers how many were left untried. */
async function workOff(parts: WorkerParts, failing: Set<string>, isStopped: () => boolean): Promise<number> {
  const tried = new Set<string>();
  for (;;) {
    const pending = await parts.database.pendingWebhookEvents(BATCH);
    const fresh = pending.filter((event) => !tried.has(event.eventId));
    if (fresh.length === 0 || isStopped()) return fresh.length;
    for (const event of fresh) {
      if (isStopped()) break;
      tried.add(event.eventId);
      if (await processEvent(parts, event)) failing.delete(event.eventId);
      else failing.add(event.eventId);
    }
  }
}

/** Works off one event; false when it has to come again. */
async function processEvent(parts: WorkerParts, event: InboxEvent): Promise<boolean> {
  const { database, stripe, settler, metrics, log } = parts;
  const context = { eventId: event.eventId, type: event.type };
  try {
    const pointer = pointerOf(event.payload);
    const row = await purchaseOf(database, stripe, pointer);
    if (row) await settler.settlePurchase(row, 'webhook', pointer.known);
    await database.finishWebhookEvent(event.eventId, null);
    metrics.events.inc({ type: event.type, result: row ? 'done' : 'not_ours' });
    if (!row) log.info(context, 'event of a payment that is not ours');
    return true;
  } catch (error) {
    metrics.events.inc({ type: event.type, result: 'failed' });
    log.warn({ ...context, err: error }, 'event could not be worked off, trying again');
    // When the database is what failed, the event is simply still there.
    await database.finishWebhookEvent(event.eventId, messageOf(error)).catch(() => undefined);
    return false;
  }
}

/**
 * The purchase of an event; null when it is not ours. Refunds, disputes and charges carry no metadata of ours, and may
 * come before the payment itself was worked off, when no row knows the payment yet: then Stripe is asked whose it is.
 */
async function purchaseOf(
  database: Database,
  stripe: WorkerParts['stripe'],
  { purchaseId, known }: EventPointer,
): Promise<PurchaseRow | null> {
  const named = purchaseId ? await database.getPurchase(purchaseId) : null;
  if (named) return named;
  const bySession = known.sessionId
    ? await database.findPurchase({ checkoutSessionId: known.sessionId })
    : null;
  if (bySession) return bySession;
  if (!known.intentId) return null;
  const byIntent = await database.findPurchase({ paymentIntentId: known.intentId });
  if (byIntent) return byIntent;
  const askedId = await stripe.purchaseIdOfIntent(known.intentId);
  return askedId ? database.getPurchase(askedId) : null;
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 500);
}
