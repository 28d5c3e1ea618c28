import { expect, test } from 'vitest';
import { openFlite } from './flite-wasi.ts';

const OPTIONS = { voice: 'slt', speed: 1 };

test('a sentence after another sounds as if it were the first', async () => {
  const flite = await openFlite();
  const first = flite.speak('You have one hour left.', OPTIONS);
  flite.speak('Something quite different, and rather longer than that.', OPTIONS);
  const again = flite.speak('You have one hour left.', OPTIONS);
  expect(first.sampleRate).toBe(16_000);
  expect(first.samples.length / first.sampleRate).toBeGreaterThan(1);
  expect(again.samples).toEqual(first.samples);
});

test('speed makes it shorter', async () => {
  const flite = await openFlite();
  const slow = flite.speak('How much time is left?', OPTIONS).samples.length;
  const fast = flite.speak('How much time is left?', { ...OPTIONS, speed: 2 }).samples.length;
  expect(fast / slow).toBeLessThan(0.65);
});
