import { expect, it } from 'vitest';
import { statusOfState } from './errors.ts';

it.each([
  ['23503', 409],
  ['23505', 409],
  ['23514', 400],
  ['P0001', 400],
  ['25006', 405],
  ['08006', 503],
  ['53300', 503],
  ['40001', 500],
  ['42883', 404],
  ['22P02', 400],
  ['57014', 500],
  ['57P01', 503],
  ['PT418', 418],
  ['XX000', 500],
])('SQLSTATE %s is answered with %i', (state, status) => {
  expect(statusOfState(state, 'authenticated')).toBe(status);
});

it('tells a stranger to sign in, and anyone else that it is not allowed', () => {
  expect(statusOfState('42501', 'anon')).toBe(401);
  expect(statusOfState('42501', 'authenticated')).toBe(403);
  expect(statusOfState('42501', 'service_role')).toBe(403);
});
