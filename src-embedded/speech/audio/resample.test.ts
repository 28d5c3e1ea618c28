import { describe, expect, test } from 'vitest';
import { resample } from './resample.ts';

const AMPLITUDE = 10_000;

function tone(hertz: number, rate: number, seconds = 0.25): Int16Array {
  return Int16Array.from({ length: rate * seconds }, (_, at) =>
    Math.round(AMPLITUDE * Math.sin((2 * Math.PI * hertz * at) / rate)),
  );
}

/** Level of one frequency in the middle of the samples, relative to a full tone. */
function level(samples: Int16Array, hertz: number, rate: number): number {
  const from = Math.floor(samples.length / 4);
  const to = Math.floor((samples.length * 3) / 4);
  let real = 0;
  let imaginary = 0;
  for (let at = from; at < to; at += 1) {
    real += (samples[at] ?? 0) * Math.cos((2 * Math.PI * hertz * at) / rate);
    imaginary += (samples[at] ?? 0) * Math.sin((2 * Math.PI * hertz * at) / rate);
  }
  return (2 * Math.hypot(real, imaginary)) / (to - from) / AMPLITUDE;
}

describe('resample', () => {
  test.each([
    [16_000, 24_000],
    [16_000, 48_000],
    [48_000, 16_000],
    [44_100, 16_000],
  ])('%i to %i keeps the length in time and the level of a tone', (from, to) => {
    const output = resample(tone(1000, from), from, to);
    expect(output.length / to).toBeCloseTo(0.25, 3);
    expect(level(output, 1000, to)).toBeCloseTo(1, 2);
  });

  test('going up makes no mirror tone: 3 kHz at 16 kHz must not appear at 13 kHz', () => {
    const output = resample(tone(3000, 16_000), 16_000, 48_000);
    expect(level(output, 13_000, 48_000)).toBeLessThan(0.001);
  });

  test('going down folds nothing back: 11 kHz must not appear at 5 kHz', () => {
    const output = resample(tone(11_000, 48_000), 48_000, 16_000);
    expect(level(output, 5000, 16_000)).toBeLessThan(0.001);
  });

  test('loud input is clipped, never wrapped', () => {
    const square = Int16Array.from({ length: 1000 }, (_, at) => (at % 40 < 20 ? 32767 : -32768));
    const output = resample(square, 16_000, 24_000);
    const plateau = output.slice(310, 320);
    expect(Math.min(...plateau.map(Math.abs))).toBeGreaterThan(20_000);
  });

  test('the same rate gives the samples unchanged', () => {
    const input = tone(440, 16_000);
    expect(resample(input, 16_000, 16_000)).toEqual(input);
  });
});
