/**
 * Works off the stored Stripe events, one at a time: at start, whenever one is stored, and every 30 seconds. Promise:
 * an event leaves the inbox only after its effect is in the database; trouble leaves it there for the next round. One that
 * fails ten times by itself is set aside for a person, so that the others are not held up and nobody misses it.
 */
import type { Events, InboxEvent, InboxState } from '../doors/database/events.ts';
import type { Purchases } from '../doors/database/purchases.ts';
import { isKeyTrouble } from '../doors/stripe/client.ts';
import type { StripePayments } from '../doors/stripe/payments.ts';
import { RelayError } from '../model/errors.ts';
import type { PurchaseRow } from '../model/purchase.ts';
import { type EventPointer, pointerOf } from '../model/stripe-events.ts';
import type { Counters, Gauge, Log } from '../model/witnesses.ts';
import type { Settler } from '../payments/settle.ts';

const ROUND_INTERVAL_MS = 30_000;
const RETRY_INTERVAL_MS = 2_000;
/** Until the inbox was read for the first time: the database starts together with us. */
const FIRST_READ_INTERVAL_MS = 500;
const BATCH = 50;

const SET_ASIDE =
  'event could not be worked off in ten tries and was set aside: money may have moved without being booked (docs/operating.md)';

export interface WorkerNeeds {
  events: Pick<Events, 'finish' | 'pending'>;
  purchases: Pick<Purchases, 'find' | 'get'>;
  stripe: Pick<StripePayments, 'purchaseIdOfIntent'>;
  settler: Pick<Settler, 'settlePurchase'>;
  metrics: Pick<Counters, 'events'>;
  log: Log;
}

export interface WebhookWorker {
  /** An event was stored: look soon. */
  wake(): void;
  /** What the inbox held after the last round; undefined before the first. */
  inbox(): InboxState | undefined;
  /** Resolves when the round under way is over. */
  stop(): Promise<void>;
}

export type LastingWorkerNeeds = WorkerNeeds & {
  events: Pick<Events, 'state'>;
  metrics: { backlog: Gauge; setAside: Gauge };
};

export function startWebhookWorker(needs: LastingWorkerNeeds): WebhookWorker {
  const failing = new Set<string>();
  let inbox: InboxState | undefined;
  let isStopped = false;
  let isWanted = false;
  let round: Promise<void> | undefined;

  async function rounds(): Promise<void> {
    while (isWanted && !isStopped) {
      isWanted = false;
      try {
        await workOff(needs, failing, () => isStopped);
        inbox = await needs.events.state();
        // Another relay may have worked off what failed here.
        if (inbox.waiting === 0) failing.clear();
        needs.metrics.backlog.set(inbox.waiting);
        needs.metrics.setAside.set(inbox.setAside);
      } catch (error) {
        needs.log.warn({ err: error }, 'the event inbox could not be read, trying again');
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
    if (inbox === undefined) wake();
    else clearInterval(firstReadTimer);
  }, FIRST_READ_INTERVAL_MS);
  wake();
  return {
    wake,
    inbox: () => inbox,
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
export async function workOffInbox(needs: WorkerNeeds): Promise<void> {
  await workOff(needs, new Set(), () => false);
}

/** One pass over the inbox; each event is tried once. */
async function workOff(needs: WorkerNeeds, failing: Set<string>, isStopped: () => boolean): Promise<void> {
  const tried = new Set<string>();
  for (;;) {
    const pending = await needs.events.pending(BATCH);
    const fresh = pending.filter((event) => !tried.has(event.eventId));
    if (fresh.length === 0 || isStopped()) return;
    for (const event of fresh) {
      if (isStopped()) break;
      tried.add(event.eventId);
      if (await processEvent(needs, event)) failing.delete(event.eventId);
      else failing.add(event.eventId);
    }
  }
}

/** Works off one event; false when it comes again, true also when it was set aside. */
async function processEvent(needs: WorkerNeeds, event: InboxEvent): Promise<boolean> {
  const { events, settler, metrics, log } = needs;
  const context = { eventId: event.eventId, type: event.type };
  try {
    const pointer = pointerOf(event.payload);
    const row = await purchaseOf(needs, pointer);
    if (row) await settler.settlePurchase(row, 'webhook', pointer.known);
    await events.finish(event.eventId, null);
    metrics.events.inc({ type: event.type, result: row ? 'done' : 'not_ours' });
    if (!row) log.info(context, 'event of a payment that is not ours');
    return true;
  } catch (error) {
    const isOutage = (error instanceof RelayError && error.status === 503) || isKeyTrouble(error);
    // When the database is what failed, the event is simply still there.
    const noted = await events.finish(event.eventId, messageOf(error), isOutage).catch(() => undefined);
    const isSetAside = noted?.setAside ?? false;
    metrics.events.inc({ type: event.type, result: isSetAside ? 'set_aside' : 'failed' });
    if (isSetAside) log.error({ ...context, err: error }, SET_ASIDE);
    else log.warn({ ...context, err: error }, 'event could not be worked off, trying again');
    return isSetAside;
  }
}

/**
 * The purchase of an event; null when it is not ours. Refunds, disputes and charges carry no metadata of ours, and may
 * come before the payment itself was worked off, when no row knows the payment yet: then Stripe is asked whose it is.
 */
async function purchaseOf(
  { purchases, stripe }: WorkerNeeds,
  { purchaseId, known }: EventPointer,
): Promise<PurchaseRow | null> {
  const named = purchaseId ? await purchases.get(purchaseId) : null;
  if (named) return named;
  const bySession = known.sessionId ? await purchases.find({ checkoutSessionId: known.sessionId }) : null;
  if (bySession) return bySession;
  if (!known.intentId) return null;
  const byIntent = await purchases.find({ paymentIntentId: known.intentId });
  if (byIntent) return byIntent;
  const askedId = await stripe.purchaseIdOfIntent(known.intentId);
  return askedId ? purchases.get(askedId) : null;
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 500);
}
