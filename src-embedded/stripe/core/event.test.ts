import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { isEnabled, nextAttemptMs, signatureHeader } from './event.ts';

it('signs as the official client does', () => {
  const payload = '{"id":"evt_1","note":"Grüße 🙂"}';
  const timestamp = 1_795_000_000;
  const secret = 'whsec_unit_test';
  const expected = new Stripe('sk_test_x').webhooks.generateTestHeaderString({ payload, secret, timestamp });
  expect(signatureHeader(payload, secret, timestamp)).toBe(expected);
});

it('takes * for every type, and otherwise only the types themselves', () => {
  expect(isEnabled(['*'], 'charge.refunded')).toBe(true);
  expect(isEnabled(['charge.refunded'], 'charge.refunded')).toBe(true);
  expect(isEnabled(['charge.refunded'], 'charge.refund.updated')).toBe(false);
});

describe('nextAttemptMs', () => {
  it('waits twice as long each time, up to an hour', () => {
    const waits = [1, 2, 3, 12, 13, 30].map((attempts) => (nextAttemptMs(attempts, 0, 1000) ?? 0) - 1000);
    expect(waits).toEqual([1000, 2000, 4000, 2_048_000, 3_600_000, 3_600_000]);
  });

  it('gives up after three days', () => {
    const threeDaysMs = 3 * 86_400_000;
    expect(nextAttemptMs(80, 0, threeDaysMs - 1)).not.toBeNull();
    expect(nextAttemptMs(80, 0, threeDaysMs)).toBeNull();
  });
});
