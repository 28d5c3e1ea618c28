/**
 * Finds events whose webhooks never came: at start and every five minutes the list of Stripe's own events is read from
 * a little before where the last sweep ended, and each goes through the same inbox as a webhook. Promise: nothing is
 * skipped; what is listed twice has no second effect.
 */
import { sha256Hex } from '../../src-runtime/hash.ts';
import { startRepeating } from '../../src-runtime/repeating.ts';
import type { Events } from '../doors/database/events.ts';
import type { StripeEvents } from '../doors/stripe/events.ts';
import { EVENT_TYPES } from '../model/stripe-events.ts';
import type { Log } from '../model/witnesses.ts';
import type { EventInbox } from './event-inbox.ts';

const SWEEP_INTERVAL_MS = 5 * 60_000;
/** After a sweep that failed, since at start the database or Stripe may not be there yet. */
const RETRY_INTERVAL_MS = 15_000;
const OVERLAP_SECONDS = 10 * 60;
/** Stripe lists no older events. */
const LONGEST_LOOK_BACK_SECONDS = 30 * 86_400;

export interface SweepCursor {
  /** Time of the newest event that a whole sweep has seen, seconds since 1970. */
  read(): Promise<number | undefined>;
  write(seconds: number): Promise<void>;
}

/**
 * Where a sweep begins. Both marks count: the inbox may hold a newer event while an older one was lost, and after a
 * restored backup the inbox ends before the cursor.
 */
export function sweepStart(
  cursor: number | undefined,
  newestStored: number | undefined,
  nowSeconds: number,
): number {
  const oldest = nowSeconds - LONGEST_LOOK_BACK_SECONDS;
  if (cursor === undefined || newestStored === undefined) return oldest;
  return Math.max(oldest, Math.min(cursor, newestStored) - OVERLAP_SECONDS);
}

export interface SweepNeeds {
  events: Pick<Events, 'newestSeconds'>;
  stripe: Pick<StripeEvents, 'listEvents'>;
  inbox: EventInbox;
  cursor: SweepCursor;
  nowMs(): number;
}

/** One sweep; answers how many events were new. @throws RelayError when Stripe or the database is out of reach */
export async function sweepOnce(needs: SweepNeeds): Promise<number> {
  const { cursor, inbox, stripe } = needs;
  const [from, newest] = await Promise.all([cursor.read(), needs.events.newestSeconds()]);
  const events = await stripe.listEvents(
    [...EVENT_TYPES],
    sweepStart(from, newest, Math.floor(needs.nowMs() / 1000)),
  );
  let found = 0;
  for (const event of events) if (await inbox.store(event)) found += 1;
  const last = events.at(-1);
  if (last) await cursor.write(Math.max(last.created, from ?? 0));
  return found;
}

/** Sweeps until it is stopped. */
export function startSweep(needs: SweepNeeds & { log: Log }): () => void {
  const run = async () => {
    const found = await sweepOnce(needs);
    if (found > 0) needs.log.info({ found }, 'sweep found events that no webhook brought');
  };
  return startRepeating(run, {
    intervalMs: SWEEP_INTERVAL_MS,
    retryMs: RETRY_INTERVAL_MS,
    failed: (error) => needs.log.warn({ err: error }, 'sweep failed, trying again'),
  });
}

/** The cursor in the database, one per Stripe key: another account has other events. */
export function databaseCursor(
  events: Pick<Events, 'sweepCursor' | 'advanceSweepCursor'>,
  stripeKey: string,
): SweepCursor {
  const account = sha256Hex(stripeKey).slice(0, 12);
  return {
    read: () => events.sweepCursor(account),
    write: (seconds) => events.advanceSweepCursor(account, seconds),
  };
}
