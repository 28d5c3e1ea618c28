/**
 * What the database can't start by itself where no pg_cron is: marking expired cards, giving back what kiosks that fell
 * silent held, throwing away what is old. Nothing depends on when it runs, since expiry already counts at every reading.
 */
import { startRepeating } from '../../src-runtime/repeating.ts';
import type { Upkeep } from '../doors/database/upkeep.ts';
import type { Log } from '../model/witnesses.ts';

const INTERVAL_MS = 60 * 60_000;
const RETRY_INTERVAL_MS = 60_000;

/** Of the calls that prune, each a short transaction; what is left after them waits for the next round. */
const LONGEST_PRUNE_CALLS = 20;

export interface HousekeepingNeeds {
  upkeep: Pick<Upkeep, 'cleanUpExpiredCards' | 'settleSilentLeases' | 'pruneOldData'>;
  /** How long the text of a webhook event is kept; undefined: 90 days. */
  webhookPayloadDays: number | undefined;
  log: Log;
}

/** Does it once. @throws RelayError databaseUnavailable */
export async function keepHouse({ upkeep, webhookPayloadDays, log }: HousekeepingNeeds) {
  const expiredCards = await upkeep.cleanUpExpiredCards();
  const settledLeases = await upkeep.settleSilentLeases();
  if (expiredCards + settledLeases > 0) log.info({ expiredCards, settledLeases }, 'housekeeping done');
  await pruneOldData(upkeep, webhookPayloadDays, log);
  return { expiredCards, settledLeases };
}

async function pruneOldData(
  upkeep: HousekeepingNeeds['upkeep'],
  webhookPayloadDays: number | undefined,
  log: Log,
): Promise<void> {
  for (let calls = 0; calls < LONGEST_PRUNE_CALLS; calls += 1) {
    const { isMore, ...pruned } = await upkeep.pruneOldData(webhookPayloadDays);
    if (Object.values(pruned).some((count) => count > 0)) log.info(pruned, 'old data thrown away');
    if (!isMore) return;
  }
}

/** Runs at start and every hour; answers the function that ends it. */
export function startHousekeeping(needs: HousekeepingNeeds): () => void {
  return startRepeating(() => keepHouse(needs), {
    intervalMs: INTERVAL_MS,
    retryMs: RETRY_INTERVAL_MS,
    failed: (error) => needs.log.warn({ err: error }, 'housekeeping failed, trying again'),
  });
}
