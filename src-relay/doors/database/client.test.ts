import { describe, expect, it } from 'vitest';
import { DatabaseConflict, DatabaseRefusal, RelayError } from '../../model/errors.ts';
import { failureOf, parametersOf } from './client.ts';

describe('failureOf', () => {
  it('tells "not now" from refusals and from faults', () => {
    const of = (code: string, status: number) => failureOf({ code, message: 'words' }, status, 'call');
    for (const [code, status] of [
      ['', 0],
      ['', 503],
      ['08006', 500],
      ['57P01', 500],
      ['53300', 503],
    ] as const) {
      expect(of(code, status)).toMatchObject({ status: 503, code: 'database_unavailable' });
    }
    expect(of('P0001', 400)).toBeInstanceOf(DatabaseRefusal);
    expect(of('23505', 409)).toBeInstanceOf(DatabaseConflict);
    expect(of('42883', 404)).not.toBeInstanceOf(RelayError);
  });
});

describe('parametersOf', () => {
  it('writes names as the database does, and leaves those that are so already', () => {
    expect(parametersOf({ purchaseId: 'a', limit: 2, user_id: 'b' })).toEqual({
      p_purchase_id: 'a',
      p_limit: 2,
      user_id: 'b',
    });
  });
});
