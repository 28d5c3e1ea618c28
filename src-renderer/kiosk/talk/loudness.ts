/** How loud a piece of sound is to a person, as 0 … 1 for pictures: silence of a room is 0, a voice near by about 0.7. */

/** Levels of full scale in decibels between which the picture moves. */
const QUIET_DB = -58;
const LOUD_DB = -14;

/** @param samples −1 … 1 */
export function loudness(samples: ArrayLike<number>): number {
  if (samples.length === 0) return 0;
  let sum = 0;
  for (let index = 0; index < samples.length; index += 1) sum += (samples[index] ?? 0) ** 2;
  const db = 10 * Math.log10(sum / samples.length + 1e-12);
  return Math.min(1, Math.max(0, (db - QUIET_DB) / (LOUD_DB - QUIET_DB)));
}
