/** Knobs that Stripe does not have, for tests only; these routes exist only where SANDBOX_FAULTS=1. */
import { z } from 'zod';
import { closeDispute, openDispute } from '../core/dispute.ts';
import { noSuch } from '../core/errors.ts';
import { setReaderStatus } from '../core/terminal-reader.ts';
import { faultParams } from '../webhooks/faults.ts';
import { whole } from './params.ts';
import { chargeReference, findCharge } from './refunds.ts';
import { type Route, route } from './route.ts';
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

  route('POST', '/_sandbox/readers/:id', readerParams, (context, params, id) => {
    const switched = setReaderStatus(findReader(context, id), params.status);
    context.apply(switched.change);
    return switched.reader;
  }),
];
