/** /v1/refunds, /v1/charges and /v1/disputes: what happens to money after it was taken. */

import type Stripe from 'stripe';
import { z } from 'zod';
import { invalidRequest, noSuch } from '../core/errors.ts';
import { createRefund } from '../core/refund.ts';
import { expand, idText, metadata, whole } from './params.ts';
import { findIntent } from './payment-intents.ts';
import { type ApiContext, type Route, route } from './route.ts';

/** Names a charge directly or by its intent; shared with the dispute knob. */
export const chargeReference = { charge: idText.optional(), payment_intent: idText.optional() };

const createParams = z.strictObject({
  ...chargeReference,
  amount: whole(1, 99_999_999).optional(),
  expand,
  metadata: metadata.optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
});

const DEFAULT_LIMIT = 10;
const listParams = z.strictObject({ ...chargeReference, expand, limit: whole(1, 100).optional() });

const onlyExpand = z.strictObject({ expand });

export const refundRoutes: Route[] = [
  route('POST', '/v1/refunds', createParams, (context, params) => {
    const charge = findCharge(context, params);
    const created = createRefund(
      charge,
      { amount: params.amount ?? null, reason: params.reason ?? null, metadata: params.metadata ?? {} },
      context.moment,
    );
    context.apply(created.change);
    return created.refund;
  }),

  route('GET', '/v1/refunds', listParams, (context, params) => {
    const all = context.store
      .all('refund')
      .filter(
        ({ charge, payment_intent: intent }) =>
          (params.charge === undefined || charge === params.charge) &&
          (params.payment_intent === undefined || intent === params.payment_intent),
      )
      .reverse();
    const limit = params.limit ?? DEFAULT_LIMIT;
    return { object: 'list', data: all.slice(0, limit), has_more: all.length > limit, url: '/v1/refunds' };
  }),

  route('GET', '/v1/refunds/:id', onlyExpand, (context, _, id) => {
    const refund = context.store.get('refund', id);
    if (!refund) throw noSuch('refund', id);
    return refund;
  }),

  route('GET', '/v1/charges/:id', onlyExpand, (context, _, id) => {
    const charge = context.store.get('charge', id);
    if (!charge) throw noSuch('charge', id);
    return charge;
  }),

  route('GET', '/v1/disputes/:id', onlyExpand, (context, _, id) => {
    const dispute = context.store.get('dispute', id);
    if (!dispute) throw noSuch('dispute', id);
    return dispute;
  }),
];

/** The charge that a request names. @throws StripeError when it names none, two, or one that isn't there. */
export function findCharge(
  context: ApiContext,
  reference: { charge?: string | undefined; payment_intent?: string | undefined },
): Stripe.Charge {
  if ((reference.charge === undefined) === (reference.payment_intent === undefined)) {
    throw invalidRequest('Give one of charge and payment_intent.', {
      code: 'parameter_missing',
      param: 'payment_intent',
    });
  }
  const id = reference.charge ?? chargeOfIntent(context, reference.payment_intent ?? '');
  const charge = context.store.get('charge', id);
  if (!charge) throw noSuch('charge', id, 'charge', 400);
  return charge;
}

function chargeOfIntent(context: ApiContext, intentId: string): string {
  const { intent } = findIntent(context, intentId, 'payment_intent', 400);
  if (intent.status !== 'succeeded' || typeof intent.latest_charge !== 'string') {
    throw invalidRequest('This PaymentIntent has no successful charge.', { param: 'payment_intent' });
  }
  return intent.latest_charge;
}
