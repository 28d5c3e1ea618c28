import { expect, test } from 'vitest';
import { ProcessorShare } from './processor-share.ts';

test('work of 100 ms within half a core may start again after 200 ms, not before', () => {
  let nowMs = 0;
  const share = new ProcessorShare(0.5, () => nowMs);
  expect(share.start(100)).toBe(true);
  nowMs = 199;
  expect(share.start(1)).toBe(false);
  nowMs = 200;
  expect(share.start(1)).toBe(true);
});
