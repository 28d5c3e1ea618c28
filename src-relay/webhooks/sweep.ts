/**
 * Finds events whose webhooks never came: at start and every five minutes the list of Stripe's own events is read from
 * a little before where the last sweep ended, and each goes through the same inbox as a webhook. Promise: nothing is
 * skipped; what is listed twice has no second effect.
 */
import { createHash } from 'node:crypto';
import type { Logger } from '../../src-runtime/log.ts';
import type { Database } from '../doors/database/database.ts';
import type { StripeGateway } from '../doors/stripe/gateway.ts';
import { EVENT_TYPES } from '../model/stripe-events.ts';
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

export interface SweepParts {
  database: Pick<Database, 'newestEventSeconds'>;
  stripe: Pick<StripeGateway, 'listEvents'>;
  inbox: EventInbox;
  cursor: SweepCursor;
  nowMs(): number;
}

/** One sweep; answers how many events were new. @throws RelayError when Stripe or the database is out of reach */
export async function sweepOnce(parts: SweepParts): Promise<number> {
  const { cursor, database, inbox, stripe } = parts;
  const [from, newest] = await Promise.all([cursor.read(), database.newestEventSeconds()]);
  const events = await stripe.listEvents(
    [...EVENT_TYPES],
    sweepStart(from, newest, Math.floor(parts.nowMs() / 1000)),
  );
  let found = 0;
  for (const event of events) if (await inbox.store(event)) found += 1;
  const last = events.at(-1);
  if (last) await cursor.write(Math.max(last.created, from ?? 0));
  return found;
}

/** Sweeps until it is stopped. */
export function startSweep(parts: SweepParts & { log: Logger }): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const run = async () => {
    let waitMs = SWEEP_INTERVAL_MS;
    try {
      const found = await sweepOnce(parts);
      if (found > 0) parts.log.info({ found }, 'sweep found events that no webhook brought');
    } catch (error) {
      waitMs = RETRY_INTERVAL_MS;
      parts.log.warn({ err: error }, 'sweep failed, trying again');
    }
    if (!isStopped) timer = setTimeout(() => void run(), waitMs);
  };
  void run();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

/** The cursor in the database, one per Stripe key: another account has other events. */
export function databaseCursor(
  database: Pick<Database, 'sweepCursor' | 'advanceSweepCursor'>,
  stripeKey: string,
): SweepCursor {
  const account = createHash('sha256').update(stripeKey).digest('hex').slice(0, 12);
  return {
    read: () => database.sweepCursor(account),
    write: (seconds) => database.advanceSweepCursor(account, seconds),
  };
}
