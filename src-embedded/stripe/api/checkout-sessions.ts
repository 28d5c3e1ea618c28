/** /v1/checkout/sessions. https://docs.stripe.com/api/checkout/sessions */
import { z } from 'zod';
import { createSession, expireSession } from '../core/checkout-session.ts';
import { invalidRequest, noSuch } from '../core/errors.ts';
import type { SessionRecord } from '../core/records.ts';
import { currency, expand, flag, list, metadata, text, unixSeconds, webUrl, whole } from './params.ts';
import { type ApiContext, type Route, route } from './route.ts';

const SMALLEST_TOTAL = 50;

const lineItem = z.strictObject({
  price_data: z.strictObject({
    currency,
    product_data: z.strictObject({
      name: text,
      description: text.optional(),
      metadata: metadata.optional(),
    }),
    tax_behavior: z.enum(['exclusive', 'inclusive', 'unspecified']).optional(),
    unit_amount: whole(0, 99_999_999),
  }),
  quantity: whole(1, 999_999),
});

const createParams = z.strictObject({
  allowed_payment_method_types: list(z.string().max(50))
    .refine((types) => types.includes('card'), 'must include card: the sandbox takes cards only')
    .optional(),
  cancel_url: webUrl.optional(),
  client_reference_id: z.string().min(1).max(200).optional(),
  customer_email: z.email().optional(),
  expand,
  expires_at: unixSeconds.optional(),
  line_items: list(lineItem).refine((items) => items.length > 0, 'must not be empty'),
  locale: z
    .string()
    .regex(/^(auto|[a-z]{2,3}(-[A-Z0-9]{2,3})?)$/, 'must be a locale')
    .optional(),
  metadata: metadata.optional(),
  mode: z.literal('payment', 'the sandbox knows the mode payment only'),
  payment_intent_data: z
    .strictObject({
      description: text.optional(),
      metadata: metadata.optional(),
      receipt_email: z.email().optional(),
    })
    .optional(),
  submit_type: z.enum(['auto', 'book', 'donate', 'pay']).optional(),
  success_url: webUrl,
  ui_mode: z.literal('hosted_page', 'the sandbox has the hosted page only').optional(),
  automatic_tax: z
    .strictObject({ enabled: flag.refine((on) => !on, 'the sandbox counts no tax') })
    .optional(),
});

const onlyExpand = z.strictObject({ expand });

export const checkoutSessionRoutes: Route[] = [
  route('POST', '/v1/checkout/sessions', createParams, (context, params) => {
    const created = createSession(
      {
        allowedTypes: params.allowed_payment_method_types ?? null,
        items: params.line_items.map((item) => ({
          currency: item.price_data.currency,
          unitAmount: item.price_data.unit_amount,
          quantity: item.quantity,
          name: item.price_data.product_data.name,
        })),
        successUrl: params.success_url,
        cancelUrl: params.cancel_url ?? null,
        clientReferenceId: params.client_reference_id ?? null,
        customerEmail: params.customer_email ?? null,
        expiresAt: params.expires_at ?? null,
        locale: params.locale ?? null,
        metadata: params.metadata ?? {},
        submitType: params.submit_type ?? null,
        intentData: {
          metadata: params.payment_intent_data?.metadata ?? {},
          description: params.payment_intent_data?.description ?? null,
          receiptEmail: params.payment_intent_data?.receipt_email ?? null,
        },
      },
      context.moment,
    );
    if ((created.record.session.amount_total ?? 0) < SMALLEST_TOTAL) {
      throw invalidRequest(`The total must be at least ${SMALLEST_TOTAL} cents.`, {
        code: 'amount_too_small',
      });
    }
    context.apply(created.change);
    return created.record.session;
  }),

  route('GET', '/v1/checkout/sessions/:id', onlyExpand, (context, _, id) => findSession(context, id).session),

  route('POST', '/v1/checkout/sessions/:id/expire', onlyExpand, (context, _, id) => {
    const record = findSession(context, id);
    const { payment_intent: intentId } = record.session;
    const intent = typeof intentId === 'string' ? context.store.get('payment_intent', intentId) : undefined;
    const expired = expireSession(record, intent, context.moment);
    context.apply(expired.change);
    return expired.record.session;
  }),
];

/** @throws StripeError resource_missing. */
export function findSession(context: ApiContext, id: string): SessionRecord {
  const record = context.store.get('checkout_session', id);
  if (!record) throw noSuch('checkout.session', id, 'session');
  return record;
}
