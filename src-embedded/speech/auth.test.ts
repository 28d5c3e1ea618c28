import { expect, test } from 'vitest';
import { isAuthorised } from './auth.ts';

test.each([
  ['Bearer secret-key', true],
  ['Token secret-key', true],
  ['token secret-key', true],
  ['Bearer secret-key2', false],
  ['Bearer', false],
  ['Basic secret-key', false],
  ['', false],
  [undefined, false],
])('%s → %s', (header, expected) => {
  expect(isAuthorised(header, 'secret-key')).toBe(expected);
});
