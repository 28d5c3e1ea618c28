import { describe, expect, it } from 'vitest';
import { loudness } from './loudness.ts';

function tone(amplitude: number): number[] {
  return Array.from({ length: 1024 }, (_, index) => amplitude * Math.sin(index / 5));
}

describe('loudness for pictures', () => {
  it('is nothing in silence and full at a shout', () => {
    expect(loudness(tone(0))).toBe(0);
    expect(loudness([])).toBe(0);
    expect(loudness(tone(1))).toBe(1);
  });

  it('grows with the sound', () => {
    const levels = [0.002, 0.01, 0.05, 0.15].map((amplitude) => loudness(tone(amplitude)));
    expect(levels).toEqual([...levels].sort((a, b) => a - b));
    expect(new Set(levels).size).toBe(4);
  });
});
