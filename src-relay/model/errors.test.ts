import { describe, expect, it } from 'vitest';
import { DatabaseRefusal, refusalByServer, refusalOf } from './errors.ts';

describe('refusalOf', () => {
  it('passes on what the caller can mend and hides the rest', () => {
    expect(refusalOf(new DatabaseRefusal('package_unknown'))).toMatchObject({ status: 404 });
    expect(refusalOf(new DatabaseRefusal('kiosk_revoked'))).toMatchObject({ status: 403 });
    expect(refusalOf(new DatabaseRefusal('something new'))).toBeUndefined();
    expect(refusalOf(new Error('password=1234'))).toBeUndefined();
    expect(refusalByServer(new Error('password=1234'))).toBeUndefined();
    expect(refusalByServer(Object.assign(new Error('secret text'), { statusCode: 413 }))).toMatchObject({
      status: 413,
      message: 'This request can’t be read.',
    });
  });
});
