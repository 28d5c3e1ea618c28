import { expect, test } from 'vitest';
import { isAudible, reaches } from './audible.ts';

test('the same sound is audible in either form of samples', () => {
  expect([130, -131].map((sample) => isAudible(Int16Array.of(0, sample), 32_768))).toEqual([false, true]);
  expect([130, -131].map((sample) => isAudible(Float32Array.of(0, sample / 32_768), 1))).toEqual([
    false,
    true,
  ]);
});

test('zeros reach nothing, the smallest sample does', () => {
  expect(reaches(new Float32Array(4), Number.MIN_VALUE)).toBe(false);
  expect(reaches(Float32Array.of(0, -1e-6), Number.MIN_VALUE)).toBe(true);
});
