/**
 * The life of a Checkout Session: open → complete (paid) or expired, never back.
 * https://docs.stripe.com/api/checkout/sessions/object
 */
import type Stripe from 'stripe';
import { invalidRequest } from './errors.ts';
import type { Moment } from './moment.ts';
import { cancelIntent, createIntent, type IntentResult } from './payment-intent.ts';
import { NO_ADDRESS } from './payment-method.ts';
import { type Change, type IntentRecord, joinChanges, type LineItem, type SessionRecord } from './records.ts';

export interface NewLineItem {
  currency: string;
  unitAmount: number;
  quantity: number;
  name: string;
}

export interface NewSession {
  /** What the request allowed, told back as it was given; the page takes cards only. */
  allowedTypes: string[] | null;
  items: NewLineItem[];
  successUrl: string;
  cancelUrl: string | null;
  clientReferenceId: string | null;
  customerEmail: string | null;
  expiresAt: number | null;
  locale: Stripe.Checkout.Session.Locale | null;
  metadata: Record<string, string>;
  submitType: Stripe.Checkout.Session.SubmitType | null;
  intentData: SessionRecord['intentData'];
}

export interface SessionResult {
  record: SessionRecord;
  change: Change;
}

const SHORTEST_LIFE_SECONDS = 30 * 60;
const LONGEST_LIFE_SECONDS = 24 * 60 * 60;

/** An open session. @throws StripeError when expires_at is outside 30 minutes to 24 hours, or currencies differ. */
export function createSession(input: NewSession, moment: Moment): SessionResult {
  const id = moment.newId('cs_test');
  const currency = input.items[0]?.currency ?? '';
  if (input.items.some((item) => item.currency !== currency)) {
    throw invalidRequest('All line items must be in the same currency.', { param: 'line_items' });
  }
  const lineItems = input.items.map((item) => createLineItem(item, moment));
  const total = lineItems.reduce((sum, item) => sum + item.amount_total, 0);
  const session: Stripe.Checkout.Session = {
    id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: input.allowedTypes,
    amount_subtotal: total,
    amount_total: total,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: input.cancelUrl,
    client_reference_id: input.clientReferenceId,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: moment.nowSeconds,
    currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: null,
      terms_of_service_acceptance: null,
    },
    customer: null,
    customer_account: null,
    customer_creation: 'if_required',
    customer_details: null,
    customer_email: input.customerEmail,
    discounts: [],
    expires_at: expiryOf(input.expiresAt, moment),
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: input.locale,
    managed_payments: null,
    metadata: input.metadata,
    mode: 'payment',
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: 'if_required',
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ['card'],
    payment_status: 'unpaid',
    permissions: null,
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: input.submitType,
    subscription: null,
    success_url: input.successUrl,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: `${moment.publicUrl}/c/pay/${id}`,
    wallet_options: null,
  };
  return kept({ session, lineItems, intentData: input.intentData });
}

/** The session with the intent of its first try to pay; the intent is made only then. */
export function startPayment(
  record: SessionRecord,
  moment: Moment,
): SessionResult & { intent: IntentResult } {
  if (record.session.status !== 'open') throw notOpen(record.session);
  const intent = createIntent(
    {
      amount: record.session.amount_total ?? 0,
      currency: record.session.currency ?? '',
      paymentMethodTypes: ['card'],
      allowedTypes: null,
      allowRedirects: 'never',
      captureMethod: 'automatic_async',
      description: record.intentData.description,
      metadata: record.intentData.metadata,
      receiptEmail: record.intentData.receiptEmail,
      checkoutSessionId: record.session.id,
    },
    moment,
  );
  const { record: next, change } = kept({
    ...record,
    session: { ...record.session, payment_intent: intent.record.intent.id },
  });
  return { record: next, change: joinChanges(intent.change, change), intent };
}

/** The session after its intent succeeded, or `unpaid` while a bank decides. @throws StripeError when it isn't open. */
export function completeSession(
  record: SessionRecord,
  email: string | null,
  paymentStatus: 'paid' | 'unpaid' = 'paid',
): SessionResult {
  if (record.session.status !== 'open') throw notOpen(record.session);
  const session: Stripe.Checkout.Session = {
    ...record.session,
    status: 'complete',
    payment_status: paymentStatus,
    url: null,
    customer_details: {
      address: NO_ADDRESS,
      business_name: null,
      email,
      individual_name: null,
      name: null,
      phone: null,
      tax_exempt: 'none',
      tax_ids: [],
    },
  };
  const result = kept({ ...record, session });
  const events: Change['events'] = [{ type: 'checkout.session.completed', object: session }];
  return { ...result, change: { ...result.change, events } };
}

/** Ends an open session, and its intent with it. @throws StripeError when it isn't open. */
export function expireSession(
  record: SessionRecord,
  intent: IntentRecord | undefined,
  moment: Moment,
): SessionResult {
  if (record.session.status !== 'open') throw notOpen(record.session);
  const session: Stripe.Checkout.Session = { ...record.session, status: 'expired', url: null };
  const result = kept({ ...record, session });
  const expired: Change = {
    ...result.change,
    events: [{ type: 'checkout.session.expired', object: session }],
  };
  return {
    ...result,
    change: intent ? joinChanges(cancelIntent(intent, 'expired', moment).change, expired) : expired,
  };
}

/** Whether time has run out for an open session. */
export function isOverdue(session: Stripe.Checkout.Session, nowSeconds: number): boolean {
  return session.status === 'open' && session.expires_at <= nowSeconds;
}

function expiryOf(asked: number | null, moment: Moment): number {
  if (asked === null) return moment.nowSeconds + LONGEST_LIFE_SECONDS;
  const lifeSeconds = asked - moment.nowSeconds;
  if (lifeSeconds < SHORTEST_LIFE_SECONDS || lifeSeconds > LONGEST_LIFE_SECONDS) {
    throw invalidRequest(
      'expires_at must be from 30 minutes to 24 hours after the creation of the session.',
      {
        param: 'expires_at',
      },
    );
  }
  return asked;
}

function createLineItem(item: NewLineItem, moment: Moment): LineItem {
  const total = item.unitAmount * item.quantity;
  return {
    id: moment.newId('li'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: total,
    amount_tax: 0,
    amount_total: total,
    currency: item.currency,
    description: item.name,
    metadata: {},
    price: {
      id: moment.newId('price'),
      object: 'price',
      active: false,
      billing_scheme: 'per_unit',
      created: moment.nowSeconds,
      currency: item.currency,
      custom_unit_amount: null,
      livemode: false,
      lookup_key: null,
      metadata: {},
      nickname: null,
      product: moment.newId('prod'),
      recurring: null,
      tax_behavior: 'unspecified',
      tiers_mode: null,
      transform_quantity: null,
      type: 'one_time',
      unit_amount: item.unitAmount,
      unit_amount_decimal: String(item.unitAmount),
    },
    quantity: item.quantity,
  };
}

function kept(record: SessionRecord): SessionResult {
  return {
    record,
    change: { puts: [{ kind: 'checkout_session', id: record.session.id, record }], events: [] },
  };
}

function notOpen(session: Stripe.Checkout.Session): Error {
  return invalidRequest(
    `Only Checkout Sessions with a status in ["open"] can be expired or paid. This one has the status ${session.status}.`,
  );
}
