import { expect, test } from 'vitest';
import { SoundCheck } from './sound-check.ts';

const LIMITS = { firstSoundMs: 4_000, soundlessMs: 2_000 };
const LOUD = Int16Array.of(0, 3_000, -3_000);
const SILENT = Int16Array.of(0, 12, -12);

test('the first sound is due after the question, however much silence comes before it', () => {
  const check = new SoundCheck(LIMITS, 1_000);
  check.take(SILENT, 60, 2_000);
  expect(check.sounded).toBe(false);
  expect(check.dueMs).toBe(5_000);
});

test('sound that comes faster than it plays gives time; what plays and is silent gives none', () => {
  const check = new SoundCheck(LIMITS, 0);
  check.take(LOUD, 3_000, 500);
  expect(check.dueMs).toBe(500 + 3_000 + 2_000);
  check.take(SILENT, 5_000, 600);
  expect(check.dueMs).toBe(5_500);
  check.take(LOUD, 1_000, 700);
  expect(check.dueMs).toBe(500 + 9_000 + 2_000);
});
