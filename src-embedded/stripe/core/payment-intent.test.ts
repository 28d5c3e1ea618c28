import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StripeError } from './errors.ts';
import { card, fixedMoment, newIntent } from './fixture.test-kit.ts';
import {
  cancelIntent,
  completeAuthentication,
  confirmIntent,
  failAuthentication,
  type IntentResult,
} from './payment-intent.ts';

const NOWHERE = { url: 'http://127.0.0.1/3ds', returnUrl: null };

describe('a PaymentIntent', () => {
  it('succeeds with a good card and tells charge and intent', () => {
    const moment = fixedMoment();
    const { record } = newIntent(moment);
    const paid = confirmIntent(record, card('4242424242424242', moment), NOWHERE, moment);
    expect(paid.record.intent).toMatchObject({
      status: 'succeeded',
      amount_received: 999,
      last_payment_error: null,
    });
    expect(paid.change.events.map((event) => event.type)).toEqual([
      'charge.succeeded',
      'payment_intent.succeeded',
    ]);
    expect(paid.change.puts.map((put) => put.kind)).toEqual(['payment_method', 'charge', 'payment_intent']);
    expect(record.intent.status).toBe('requires_payment_method');
  });

  it('goes back to requires_payment_method after a decline and forgets the error once paid', () => {
    const moment = fixedMoment();
    const declined = confirmIntent(
      newIntent(moment).record,
      card('4000000000000002', moment),
      NOWHERE,
      moment,
    );
    expect(declined.failure).toMatchObject({ code: 'card_declined', decline_code: 'generic_decline' });
    expect(declined.record.intent).toMatchObject({ status: 'requires_payment_method', payment_method: null });
    const paid = confirmIntent(declined.record, card('4242424242424242', moment), NOWHERE, moment);
    expect(paid.record.intent.last_payment_error).toBeNull();
  });

  it('keeps nothing of the number but its last four digits', () => {
    const moment = fixedMoment();
    const paid = confirmIntent(newIntent(moment).record, card('5555555555554444', moment), NOWHERE, moment);
    expect(JSON.stringify(paid)).toContain('"last4":"4444"');
    expect(JSON.stringify(paid)).not.toContain('55555555');
  });

  const STEPS = ['pays', 'declines', 'asks', 'complete', 'fail', 'cancel'] as const;
  type Step = (typeof STEPS)[number];

  it('is paid at most once and never moves after its end, whatever is tried in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STEPS), { maxLength: 12 }), (steps) => {
        const moment = fixedMoment();
        let current = newIntent(moment);
        let paid = 0;
        for (const step of steps) {
          const before = current.record.intent;
          const next = tryStep(step, current, moment);
          if (before.status === 'succeeded' || before.status === 'canceled') expect(next).toBeUndefined();
          paid +=
            next?.change.events.filter((event) => event.type === 'payment_intent.succeeded').length ?? 0;
          current = next ?? current;
        }
        const { status, amount_received: received } = current.record.intent;
        expect(paid).toBe(status === 'succeeded' ? 1 : 0);
        expect(received).toBe(status === 'succeeded' ? 999 : 0);
      }),
    );
  });

  function tryStep(step: Step, { record }: IntentResult, moment: ReturnType<typeof fixedMoment>) {
    const asking = card('4000002760003184', moment);
    try {
      if (step === 'pays') return confirmIntent(record, card('4242424242424242', moment), NOWHERE, moment);
      if (step === 'declines')
        return confirmIntent(record, card('4000000000000002', moment), NOWHERE, moment);
      if (step === 'asks') return confirmIntent(record, asking, NOWHERE, moment);
      if (step === 'complete') return completeAuthentication(record, asking, moment);
      if (step === 'fail') return failAuthentication(record, asking);
      return cancelIntent(record, 'abandoned', moment);
    } catch (error) {
      if (error instanceof StripeError) return undefined;
      throw error;
    }
  }
});
