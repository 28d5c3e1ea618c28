/** The outline of the voice: a circle that breathes, and swells with the sound. Pure geometry, no drawing. */

const POINTS = 48;
/** Waves around the outline; three that never line up keep it from looking mechanical. */
const WAVES = [
  { around: 2, perSecond: 0.4, share: 0.48 },
  { around: 3, perSecond: -0.7, share: 0.34 },
  { around: 5, perSecond: 1.1, share: 0.18 },
] as const;

/** How far the outline moves at full sound, in parts of the radius. */
const SWELL = 0.2;
/** How far it moves in silence: it lives, quietly. */
const BREATH = 0.018;

/**
 * Closed SVG path around the origin.
 * @param radius resting radius in user units
 * @param level loudness 0 … 1 (cut to that range)
 * @param seconds time on any steady clock; constant = still picture
 */
export function orbPath(radius: number, level: number, seconds: number): string {
  const loud = Math.min(1, Math.max(0, level));
  const reach = radius * (BREATH + SWELL * loud);
  const points: [number, number][] = [];
  for (let index = 0; index < POINTS; index += 1) {
    const angle = (index / POINTS) * 2 * Math.PI;
    let wave = 0;
    for (const { around, perSecond, share } of WAVES) {
      wave += share * Math.sin(around * angle + perSecond * 2 * Math.PI * seconds);
    }
    const distance = radius + radius * 0.08 * loud + reach * wave;
    points.push([distance * Math.cos(angle), distance * Math.sin(angle)]);
  }
  return smoothClosedPath(points);
}

/** A quadratic spline through the middles of neighbouring points: smooth everywhere, also where it closes. */
function smoothClosedPath(points: readonly (readonly [number, number])[]): string {
  const middle = (a: readonly [number, number], b: readonly [number, number]) =>
    `${((a[0] + b[0]) / 2).toFixed(2)} ${((a[1] + b[1]) / 2).toFixed(2)}`;
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return '';
  let path = `M${middle(last, first)}`;
  points.forEach((point, index) => {
    const next = points[index + 1] ?? first;
    path += `Q${point[0].toFixed(2)} ${point[1].toFixed(2)} ${middle(point, next)}`;
  });
  return `${path}Z`;
}
