import { describe, expect, it } from 'vitest';
import { driftAt } from './drift.ts';

describe('drift of the attract picture', () => {
  const hour = Array.from({ length: 400 }, (_, step) => driftAt(step * 9));

  it('begins in the middle and stays near it', () => {
    expect(driftAt(0)).toEqual({ x: 0, y: 0 });
    for (const { x, y } of hour) expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThanOrEqual(4);
  });

  it('reaches both sides and does not stay on one line', () => {
    expect(Math.min(...hour.map(({ x }) => x))).toBeLessThan(-3.5);
    expect(Math.max(...hour.map(({ y }) => y))).toBeGreaterThan(2.5);
    const middle = hour.filter(({ x }) => Math.abs(x) < 0.5).map(({ y }) => y);
    expect(Math.max(...middle) - Math.min(...middle)).toBeGreaterThan(4);
  });
});
