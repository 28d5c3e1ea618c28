/** Pause before the next try, in milliseconds: short at first, never longer than three seconds; someone is waiting. */
const FIRST_MS = 250;
const LONGEST_MS = 3_000;

/** @param failures tries that failed since the last success, 1 or more */
export function backoffMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
}
