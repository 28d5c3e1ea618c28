import fc from 'fast-check';
import type Stripe from 'stripe';
import { expect, it } from 'vitest';
import { closeDispute, openDispute } from './dispute.ts';
import { StripeError } from './errors.ts';
import { card, fixedMoment, newIntent } from './fixture.test-kit.ts';
import { confirmIntent } from './payment-intent.ts';
import { createRefund } from './refund.ts';

function paidCharge(number = '4242424242424242'): Stripe.Charge {
  const moment = fixedMoment();
  const nowhere = { url: '', returnUrl: null };
  const { change } = confirmIntent(newIntent(moment).record, card(number, moment), nowhere, moment);
  const put = change.puts.find((candidate) => candidate.kind === 'charge');
  if (!put) throw new Error('no charge');
  return put.record;
}

it('gives back what was asked or refuses, and never more than was paid', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 1, max: 1200 })), { maxLength: 8 }), (amounts) => {
      let charge = paidCharge();
      let total = 0;
      for (const amount of amounts) {
        try {
          const result = createRefund(charge, { amount, reason: null, metadata: {} }, fixedMoment());
          expect(result.refund.amount).toBe(amount ?? 999 - total);
          total += result.refund.amount;
          charge = result.charge;
        } catch (error) {
          if (!(error instanceof StripeError)) throw error;
          expect(total === 999 || (amount ?? 0) > 999 - total).toBe(true);
        }
        expect(charge.amount_refunded).toBe(total);
        expect(charge.refunded).toBe(total === 999);
        expect(total).toBeLessThanOrEqual(999);
      }
    }),
  );
});

it('refuses a charge that was declined', () => {
  const refund = () =>
    createRefund(paidCharge('4000000000000002'), { amount: 1, reason: null, metadata: {} }, fixedMoment());
  expect(refund).toThrow('not paid');
});

it('opens one dispute per charge and decides it once', () => {
  const charge = paidCharge();
  const { dispute, change } = openDispute(charge, { amount: null, reason: 'fraudulent' }, fixedMoment());
  expect(dispute).toMatchObject({ amount: 999, status: 'needs_response', charge: charge.id });
  const put = change.puts.find((candidate) => candidate.kind === 'charge');
  const disputed = put?.record ?? charge;
  expect(() => openDispute(disputed, { amount: null, reason: 'fraudulent' }, fixedMoment())).toThrow(
    'already disputed',
  );
  const won = closeDispute(dispute, 'won');
  expect(won.change.events.map((event) => event.type)).toEqual([
    'charge.dispute.closed',
    'charge.dispute.funds_reinstated',
  ]);
  expect(() => closeDispute(won.dispute, 'lost')).toThrow('already closed');
});
