import { expect, test } from 'vitest';
import { ProcessorShare } from './processor-share.ts';

test('work of 100 ms within half a core may start again after 200 ms, not before', () => {
  let nowMs = 0;
  const share = new ProcessorShare(0.5, 0, () => nowMs);
  expect(share.start(100)).toBe(true);
  nowMs = 199;
  expect(share.start(1)).toBe(false);
  nowMs = 200;
  expect(share.start(1)).toBe(true);
});

test('time in which nothing was asked for is saved up, but not for ever', () => {
  let nowMs = 0;
  const share = new ProcessorShare(0.5, 300, () => nowMs);
  nowMs = 10_000;
  const allowed = [1, 2, 3].map(() => share.start(100));
  expect(allowed).toEqual([true, true, false]);
});
