/** Knobs that Stripe does not have, for tests only; these routes exist only where SANDBOX_FAULTS=1. */
import type Stripe from 'stripe';
import { z } from 'zod';
import { startPayment } from '../core/checkout-session.ts';
import { beginDebit, endDebit } from '../core/delayed-payment.ts';
import { closeDispute, openDispute } from '../core/dispute.ts';
import { noSuch } from '../core/errors.ts';
import type { IntentRecord } from '../core/records.ts';
import { endRefund } from '../core/refund.ts';
import { setReaderStatus } from '../core/terminal-reader.ts';
import { faultParams } from '../webhooks/faults.ts';
import { findSession } from './checkout-sessions.ts';
import { whole } from './params.ts';
import { findIntent } from './payment-intents.ts';
import { chargeReference, findCharge } from './refunds.ts';
import { type ApiContext, type Route, route } from './route.ts';
import { findReader } from './terminal.ts';

const openParams = z.strictObject({
  ...chargeReference,
  amount: whole(1, 99_999_999).optional(),
  reason: z
    .enum([
      'credit_not_processed',
      'duplicate',
      'fraudulent',
      'general',
      'product_not_received',
      'unrecognized',
    ])
    .optional(),
});

const readerParams = z.strictObject({ status: z.enum(['online', 'offline']) });
const endParams = z.strictObject({ status: z.enum(['succeeded', 'failed']) });
const closeParams = z.strictObject({ status: z.enum(['won', 'lost']) });

export const sandboxRoutes: Route[] = [
  route('GET', '/_sandbox/faults', z.strictObject({}), (context) => context.faults.current),

  route('POST', '/_sandbox/faults', faultParams, (context, params) => context.faults.set(params)),

  route('POST', '/_sandbox/disputes', openParams, (context, params) => {
    const charge = findCharge(context, params);
    const input = { amount: params.amount ?? null, reason: params.reason ?? 'fraudulent' };
    const opened = openDispute(charge, input, context.moment);
    context.apply(opened.change);
    return opened.dispute;
  }),

  route('POST', '/_sandbox/disputes/:id/close', closeParams, (context, params, id) => {
    const dispute = context.store.get('dispute', id);
    if (!dispute) throw noSuch('dispute', id);
    const closed = closeDispute(dispute, params.status);
    context.apply(closed.change);
    return closed.dispute;
  }),

  // The hosted page takes cards only, as the product asks; this pays as if a bank debit had been allowed.
  route('POST', '/_sandbox/sessions/:id/debit', z.strictObject({}), (context, _, id) => {
    const started = startPayment(findSession(context, id), context.moment);
    context.apply(started.change);
    const begun = beginDebit(started.record, started.intent.record, context.moment);
    context.apply(begun.change);
    return begun.session.session;
  }),

  route('POST', '/_sandbox/sessions/:id/debit_end', endParams, (context, { status }, id) => {
    const record = findSession(context, id);
    const { session } = record;
    const intent = findIntent(context, String(session.payment_intent));
    const ended = endDebit(record, intent, chargeOf(context, intent), status === 'succeeded');
    context.apply(ended.change);
    return ended.session.session;
  }),

  route('POST', '/_sandbox/refunds/:id/end', endParams, (context, { status }, id) => {
    const refund = context.store.get('refund', id);
    if (!refund) throw noSuch('refund', id);
    const ended = endRefund(refund, status);
    context.apply(ended.change);
    return ended.refund;
  }),

  route('POST', '/_sandbox/readers/:id', readerParams, (context, params, id) => {
    const switched = setReaderStatus(findReader(context, id), params.status);
    context.apply(switched.change);
    return switched.reader;
  }),
];

function chargeOf(context: ApiContext, { intent }: IntentRecord): Stripe.Charge {
  const id = String(intent.latest_charge);
  const charge = context.store.get('charge', id);
  if (!charge) throw noSuch('charge', id);
  return charge;
}
