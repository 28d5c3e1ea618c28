/**
 * What the database can't start by itself where no pg_cron is: marking expired cards and giving back what kiosks that
 * fell silent held. Nothing depends on when it runs, since expiry already counts at every reading.
 */
import { startRepeating } from '../../src-runtime/repeating.ts';
import type { Upkeep } from '../doors/database/upkeep.ts';
import type { Log } from '../model/witnesses.ts';

const INTERVAL_MS = 60 * 60_000;
const RETRY_INTERVAL_MS = 60_000;

export interface HousekeepingNeeds {
  upkeep: Pick<Upkeep, 'cleanUpExpiredCards' | 'settleSilentLeases'>;
  log: Log;
}

/** Does it once. @throws RelayError databaseUnavailable */
export async function keepHouse({ upkeep, log }: HousekeepingNeeds) {
  const expiredCards = await upkeep.cleanUpExpiredCards();
  const settledLeases = await upkeep.settleSilentLeases();
  if (expiredCards + settledLeases > 0) log.info({ expiredCards, settledLeases }, 'housekeeping done');
  return { expiredCards, settledLeases };
}

/** Runs at start and every hour; answers the function that ends it. */
export function startHousekeeping(needs: HousekeepingNeeds): () => void {
  return startRepeating(() => keepHouse(needs), {
    intervalMs: INTERVAL_MS,
    retryMs: RETRY_INTERVAL_MS,
    failed: (error) => needs.log.warn({ err: error }, 'housekeeping failed, trying again'),
  });
}
