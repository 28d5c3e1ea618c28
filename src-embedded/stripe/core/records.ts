/**
 * What the sandbox keeps: Stripe's own objects (typed by the official client) with the few private facts beside them
 * that Stripe keeps to itself too. A transition returns a `Change`: records to put and events to tell.
 */
import type Stripe from 'stripe';
import type { CardBehaviour } from './cards.ts';

export interface IntentRecord {
  intent: Stripe.PaymentIntent;
  /** The Checkout Session that made it; such an intent obeys the session only. */
  checkoutSessionId: string | null;
}

export interface PaymentMethodRecord {
  paymentMethod: Stripe.PaymentMethod;
  /** What the test card does. The number itself is never kept. */
  behaviour: CardBehaviour;
}

/** A line item as it travels: the client turns the decimal text into a Decimal on its side. */
export type LineItem = Omit<Stripe.LineItem, 'price'> & {
  price: Omit<Stripe.Price, 'unit_amount_decimal'> & { unit_amount_decimal: string };
};

export interface SessionRecord {
  session: Stripe.Checkout.Session;
  lineItems: LineItem[];
  intentData: { metadata: Record<string, string>; description: string | null; receiptEmail: string | null };
}

export interface EndpointRecord {
  endpoint: Stripe.WebhookEndpoint;
  secret: string;
}

export interface Records {
  payment_intent: IntentRecord;
  payment_method: PaymentMethodRecord;
  charge: Stripe.Charge;
  refund: Stripe.Refund;
  dispute: Stripe.Dispute;
  checkout_session: SessionRecord;
  reader: Stripe.Terminal.Reader;
  webhook_endpoint: EndpointRecord;
}

export type Kind = keyof Records;
export type Put = { [K in Kind]: { kind: K; id: string; record: Records[K] } }[Kind];

/** Objects that events carry. */
export type EventObject =
  | Stripe.PaymentIntent
  | Stripe.Charge
  | Stripe.Refund
  | Stripe.Dispute
  | Stripe.Checkout.Session
  | Stripe.Terminal.Reader;

export interface EventDraft {
  type: Stripe.Event.Type;
  object: EventObject;
}

export interface Change {
  puts: Put[];
  events: EventDraft[];
}

/** One change after the other. A later put of the same record wins. */
export function joinChanges(...changes: Change[]): Change {
  return {
    puts: changes.flatMap((change) => change.puts),
    events: changes.flatMap((change) => change.events),
  };
}
