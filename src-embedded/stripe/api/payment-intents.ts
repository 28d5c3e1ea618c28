/** /v1/payment_intents. https://docs.stripe.com/api/payment_intents */
import type Stripe from 'stripe';
import { z } from 'zod';
import { requireClientSecret } from '../core/client-secret.ts';
import { invalidRequest, noSuch, StripeError } from '../core/errors.ts';
import {
  attachPaymentMethod,
  cancelIntent,
  confirmIntent,
  createIntent,
  type IntentResult,
} from '../core/payment-intent.ts';
import { testPaymentMethod } from '../core/payment-method.ts';
import { publicIntent } from '../core/publishable.ts';
import type { IntentRecord, PaymentMethodRecord } from '../core/records.ts';
import { type TypedCard, typedPaymentMethod } from '../core/typed-card.ts';
import { currency, expand, flag, idText, list, metadata, text, webUrl, whole } from './params.ts';
import { type ApiContext, answer, type Route, route } from './route.ts';

/** Stripe's bounds for a charge in US dollars; other currencies have bounds near these. */
const SMALLEST_AMOUNT = 50;
const LARGEST_AMOUNT = 99_999_999;

const methodTypes = list(z.enum(['card', 'card_present'])).refine(
  (types) => types.length > 0,
  'must not be empty',
);

const createParams = z.strictObject({
  allowed_payment_method_types: methodTypes.optional(),
  amount: whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  currency,
  automatic_payment_methods: z
    .strictObject({ enabled: flag, allow_redirects: z.enum(['always', 'never']).optional() })
    .optional(),
  capture_method: z.enum(['automatic', 'automatic_async']).optional(),
  confirm: flag.optional(),
  description: text.optional(),
  expand,
  metadata: metadata.optional(),
  payment_method: idText.optional(),
  payment_method_types: z.unknown().optional(),
  receipt_email: z.email().optional(),
  return_url: webUrl.optional(),
});

const confirmParams = z.strictObject({
  client_secret: text.optional(),
  expand,
  payment_method_data: z
    .strictObject({
      type: z.literal('card'),
      card: z.strictObject({
        number: text,
        exp_month: whole(0, 99),
        exp_year: whole(0, 9999),
        cvc: z.string().max(10),
      }),
    })
    .optional(),
  payment_method: idText.optional(),
  receipt_email: z.email().optional(),
  return_url: webUrl.optional(),
});

const cancelParams = z.strictObject({
  cancellation_reason: z.enum(['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  expand,
});

export const paymentIntentRoutes: Route[] = [
  route('POST', '/v1/payment_intents', createParams, (context, params) => {
    checkAmount(params.amount);
    if (params.payment_method_types !== undefined) {
      throw invalidRequest(
        'payment_method_types is gone since 2026-09-30: give allowed_payment_method_types.',
        {
          code: 'payment_method_types_no_longer_supported',
          param: 'payment_method_types',
        },
      );
    }
    const allowed = params.allowed_payment_method_types;
    if (params.automatic_payment_methods && allowed) {
      throw invalidRequest('Give either automatic_payment_methods or allowed_payment_method_types.', {
        code: 'parameters_exclusive',
        param: 'allowed_payment_method_types',
      });
    }
    const types = allowed ?? (params.automatic_payment_methods?.enabled === false ? ['card' as const] : null);
    const created = createIntent(
      {
        amount: params.amount,
        currency: params.currency,
        paymentMethodTypes: types,
        allowedTypes: allowed ?? null,
        allowRedirects: params.automatic_payment_methods?.allow_redirects ?? 'always',
        captureMethod: params.capture_method ?? 'automatic_async',
        description: params.description ?? null,
        metadata: params.metadata ?? {},
        receiptEmail: params.receipt_email ?? null,
        checkoutSessionId: null,
      },
      context.moment,
    );
    context.apply(created.change);
    if (params.confirm) return confirm(context, created.record, params.payment_method, params.return_url);
    if (params.payment_method === undefined) return created.record.intent;
    const method = findPaymentMethod(context, params.payment_method);
    return done(context, attachPaymentMethod(created.record, method));
  }),

  route(
    'GET',
    '/v1/payment_intents/:id',
    z.strictObject({ client_secret: text.optional(), expand }),
    (context, params, id) => {
      const { intent } = findIntent(context, id);
      if (!context.isPublishable) return intent;
      requireClientSecret(intent, params.client_secret);
      return publicIntent(intent);
    },
    { isPublic: true },
  ),

  route(
    'POST',
    '/v1/payment_intents/:id/confirm',
    confirmParams,
    (context, params, id) => {
      const record = findIntent(context, id);
      if (context.isPublishable) requireClientSecret(record.intent, params.client_secret);
      refuseCheckoutIntent(record);
      const intent = { ...record.intent, receipt_email: params.receipt_email ?? record.intent.receipt_email };
      const typed = params.payment_method_data && typedMethod(context, params.payment_method_data.card);
      const chosen = typed ?? params.payment_method;
      return refusedInPublic(context, () =>
        confirm(context, { ...record, intent }, chosen, params.return_url),
      );
    },
    { isPublic: true },
  ),

  route('POST', '/v1/payment_intents/:id/cancel', cancelParams, (context, params, id) => {
    const record = findIntent(context, id);
    refuseCheckoutIntent(record);
    return done(context, cancelIntent(record, params.cancellation_reason ?? null, context.moment));
  }),
];

/** @throws StripeError resource_missing. */
export function findIntent(context: ApiContext, id: string, param = 'intent', status = 404): IntentRecord {
  const record = context.store.get('payment_intent', id);
  if (!record) throw noSuch('payment_intent', id, param, status);
  return record;
}

function confirm(
  context: ApiContext,
  record: IntentRecord,
  chosen: PaymentMethodRecord | string | undefined,
  returnUrl: string | undefined,
): object {
  const { intent } = record;
  const given = chosen ?? (typeof intent.payment_method === 'string' ? intent.payment_method : undefined);
  if (given === undefined) {
    throw invalidRequest(
      'This PaymentIntent has no payment method to be confirmed with. Give payment_method.',
      {
        code: 'payment_intent_unexpected_state',
        payment_intent: intent,
      },
    );
  }
  if (intent.automatic_payment_methods?.allow_redirects === 'always' && returnUrl === undefined) {
    throw invalidRequest(
      'return_url is needed: automatic_payment_methods may redirect the customer. Give it, or set allow_redirects to never.',
      { param: 'return_url' },
    );
  }
  if (!intent.payment_method_types.includes('card')) {
    throw invalidRequest('This PaymentIntent does not allow card payments.', { param: 'payment_method' });
  }
  const method = typeof given === 'string' ? findPaymentMethod(context, given) : given;
  const url = `${context.moment.publicUrl}/3ds/${intent.id}`;
  return done(context, confirmIntent(record, method, { url, returnUrl: returnUrl ?? null }, context.moment));
}

function done(context: ApiContext, result: IntentResult): object {
  context.apply(result.change);
  const { intent } = result.record;
  const told = context.isPublishable ? publicIntent(intent) : intent;
  return result.failure ? answer(402, { error: { ...result.failure, payment_intent: told } }) : told;
}

/** A refusal tells a browser no more of the intent than an answer does. */
function refusedInPublic<Result>(context: ApiContext, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    const told = error instanceof StripeError ? error.body.payment_intent : undefined;
    if (!context.isPublishable || !(error instanceof StripeError) || !told) throw error;
    throw new StripeError(error.status, { ...error.body, payment_intent: publicIntent(told) });
  }
}

/** Card data comes from the fields in a browser alone. */
function typedMethod(context: ApiContext, card: TypedCard): PaymentMethodRecord {
  if (context.isPublishable) return typedPaymentMethod(card, context.moment);
  throw invalidRequest(
    'Sending credit card numbers directly to the Stripe API is generally unsafe. Collect them with Stripe.js.',
    { param: 'payment_method_data[card][number]' },
  );
}

function findPaymentMethod(context: ApiContext, id: string): PaymentMethodRecord {
  const record = testPaymentMethod(id, context.moment) ?? context.store.get('payment_method', id);
  if (!record) throw noSuch('PaymentMethod', id, 'payment_method', 400);
  return record;
}

function refuseCheckoutIntent(record: IntentRecord): void {
  if (record.checkoutSessionId === null) return;
  const intent: Stripe.PaymentIntent = record.intent;
  throw invalidRequest('This PaymentIntent belongs to a Checkout Session. Expire the session instead.', {
    code: 'payment_intent_unexpected_state',
    payment_intent: intent,
  });
}

function checkAmount(amount: number): void {
  if (amount < SMALLEST_AMOUNT) {
    throw invalidRequest(`Amount must be at least ${SMALLEST_AMOUNT} cents.`, {
      code: 'amount_too_small',
      param: 'amount',
    });
  }
  if (amount > LARGEST_AMOUNT) {
    throw invalidRequest(`Amount must be at most ${LARGEST_AMOUNT} cents.`, {
      code: 'amount_too_large',
      param: 'amount',
    });
  }
}
