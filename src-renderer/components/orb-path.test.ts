import { describe, expect, it } from 'vitest';
import { orbPath } from './orb-path.ts';

function farthest(path: string): number {
  const numbers = path.match(/-?\d+(\.\d+)?/g)?.map(Number) ?? [];
  let most = 0;
  for (let index = 0; index + 1 < numbers.length; index += 2) {
    most = Math.max(most, Math.hypot(numbers[index] ?? 0, numbers[index + 1] ?? 0));
  }
  return most;
}

describe('outline of the voice', () => {
  it('is closed and swells with the sound', () => {
    const quiet = orbPath(50, 0, 1);
    const loud = orbPath(50, 1, 1);
    expect(quiet).toMatch(/^M.*Z$/);
    expect(farthest(quiet)).toBeLessThan(53);
    expect(farthest(loud)).toBeGreaterThan(farthest(quiet) + 4);
  });

  it('never leaves its frame, however loud', () => {
    for (const seconds of [0, 0.3, 1.7, 60]) expect(farthest(orbPath(50, 9, seconds))).toBeLessThan(75);
  });

  it('stands still when the clock does', () => expect(orbPath(50, 0.4, 2)).toBe(orbPath(50, 0.4, 2)));
});
