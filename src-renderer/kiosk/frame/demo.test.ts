import { expect, it } from 'vitest';
import { demoOf } from './demo.ts';

it.each([
  [true, true, 'both'],
  [true, false, 'payments'],
  [false, true, 'assistant'],
  [false, false, null],
])('with test payments %s and a scripted assistant %s the banner names %s', (payments, assistant, named) => {
  expect(demoOf({ demo: { payments, assistant } })).toBe(named);
});
