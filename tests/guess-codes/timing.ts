/** Whether two sets of times can be told apart: the probability that one of the first is shorter than one of the second. */

/**
 * Area under the ROC curve (Mann-Whitney U over n·m): 0.5 when nothing tells them apart, 0 or 1 when one look is enough.
 */
export function distinguishability(first: readonly number[], second: readonly number[]): number {
  let shorter = 0;
  for (const a of first) for (const b of second) shorter += a < b ? 1 : a === b ? 0.5 : 0;
  return shorter / (first.length * second.length);
}

/** Standard error of that area when there is no difference (normal approximation). */
export function standardError(firstCount: number, secondCount: number): number {
  return Math.sqrt((firstCount + secondCount + 1) / (12 * firstCount * secondCount));
}
