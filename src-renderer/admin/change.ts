/** A figure against the one it is compared with. Pure. */

export interface Change {
  direction: 'up' | 'down' | 'same';
  /** Absolute difference, in the figure's own unit. */
  by: number;
  /** Relative to before, in percent; null when before was nothing and a percentage means nothing. */
  percent: number | null;
}

export function changeFrom(before: number, now: number): Change {
  const by = Math.abs(now - before);
  const direction = now > before ? 'up' : now < before ? 'down' : 'same';
  return { direction, by, percent: before === 0 ? null : Math.round((by / before) * 100) };
}
