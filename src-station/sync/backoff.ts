/** How long to wait before trying again: twice as long each time, with jitter so that many kiosks don't march in step. */

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/**
 * @param failures how often it has failed in a row, 1 or more
 * @param random 0 … 1
 * @returns milliseconds between half and the whole of 2, 4, 8, … 60 s
 */
export function backoffMs(failures: number, random: number): number {
  const ceilingMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 20));
  return ceilingMs * (0.5 + random / 2);
}
