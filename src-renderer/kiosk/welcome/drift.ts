/** Where the attract picture stands at a moment: a slow path that repeats only after hours (burn-in). */

/** Percent of the picture's own size; kept small enough that nothing is cut. */
const REACH_X = 4;
const REACH_Y = 3;
/** Periods without a common measure, so that the path fills its area instead of retracing a line. */
const PERIOD_X_SECONDS = 311;
const PERIOD_Y_SECONDS = 197;

/** @returns offset in percent */
export function driftAt(seconds: number): { x: number; y: number } {
  return {
    x: REACH_X * Math.sin((2 * Math.PI * seconds) / PERIOD_X_SECONDS),
    y: REACH_Y * Math.sin((2 * Math.PI * seconds) / PERIOD_Y_SECONDS),
  };
}
