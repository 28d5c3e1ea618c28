/**
 * What the database can't start by itself where no pg_cron is: marking expired cards and giving back what kiosks that
 * fell silent held. Nothing depends on when it runs, since expiry already counts at every reading.
 */
import type { Database } from '../doors/database/database.ts';
import type { Log } from '../model/witnesses.ts';

const INTERVAL_MS = 60 * 60_000;
const RETRY_INTERVAL_MS = 60_000;

export interface HousekeepingParts {
  database: Pick<Database, 'cleanUpExpiredCards' | 'settleSilentLeases'>;
  log: Log;
}

/** Does it once. @throws RelayError databaseUnavailable */
export async function keepHouse({ database, log }: HousekeepingParts) {
  const expiredCards = await database.cleanUpExpiredCards();
  const settledLeases = await database.settleSilentLeases();
  if (expiredCards + settledLeases > 0) log.info({ expiredCards, settledLeases }, 'housekeeping done');
  return { expiredCards, settledLeases };
}

/** Runs at start and every hour; answers the function that ends it. */
export function startHousekeeping(parts: HousekeepingParts): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const run = async () => {
    let waitMs = INTERVAL_MS;
    try {
      await keepHouse(parts);
    } catch (error) {
      waitMs = RETRY_INTERVAL_MS;
      parts.log.warn({ err: error }, 'housekeeping failed, trying again');
    }
    if (!isStopped) timer = setTimeout(() => void run(), waitMs);
  };
  void run();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
