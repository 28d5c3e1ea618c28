import { expect, it } from 'vitest';
import { codeAsSpoken } from './code-as-spoken.ts';

it('says a code symbol by symbol, group by group', () => {
  expect(codeAsSpoken('7K4MX9Q2H3VT')).toBe('7, K, 4, M. X, 9, Q, 2. H, 3, V, T');
});
