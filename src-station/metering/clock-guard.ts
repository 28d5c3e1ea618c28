/**
 * Decides whether the wall clock can be believed well enough to begin a talk (its times go into the log). A clock
 * before the program's own age, or well before what the store has seen, is wrong, unless the server's time bears it
 * out: then it was the past that was wrong.
 */

/** No station ran before this. */
const NOT_BEFORE_MS = Date.UTC(2026, 0, 1);
/** A clock may be set back this much (by hand, by NTP) without a word. */
const BACKWARDS_MS = 10 * 60_000;
/** Agreement with the server. */
const AGREES_MS = 10 * 60_000;

export interface ClockFacts {
  wallMs: number;
  /** Latest wall clock the store has seen, null for a new store. */
  lastSeenMs: number | null;
  /** The server's present time, null when unknown. */
  serverMs: number | null;
}

/** `ok`; `wrong`; or `lastSeenWrong`: fine, and the store's memory is to be corrected. */
export function judgeClock({ wallMs, lastSeenMs, serverMs }: ClockFacts): 'ok' | 'wrong' | 'lastSeenWrong' {
  const backwards = lastSeenMs !== null && wallMs < lastSeenMs - BACKWARDS_MS;
  if (wallMs >= NOT_BEFORE_MS && !backwards) return 'ok';
  const borneOut = serverMs !== null && Math.abs(wallMs - serverMs) <= AGREES_MS;
  return borneOut ? 'lastSeenWrong' : 'wrong';
}
