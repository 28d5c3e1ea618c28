/** Which Stripe events count, and which purchase and objects each one points at. Pure. */
import { z } from 'zod';

/** Every event type that is stored and worked off; the sweep asks for the same. */
export const EVENT_TYPES = [
  'checkout.session.completed',
  'checkout.session.expired',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'charge.refunded',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
  'charge.dispute.closed',
] as const;

const COUNTING: ReadonlySet<string> = new Set(EVENT_TYPES);

export function isOurEventType(type: string): boolean {
  return COUNTING.has(type);
}

const reference = z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]).nullish();
const objectSchema = z.object({
  id: z.string(),
  object: z.string(),
  payment_intent: reference,
  metadata: z.record(z.string(), z.string()).nullish(),
});
const payloadSchema = z.object({ data: z.object({ object: objectSchema }) });

/** Objects that an event named; what they say is read afresh. */
export interface KnownIds {
  sessionId?: string;
  intentId?: string;
  refundId?: string;
  /** All refunds of it are looked at. */
  chargeId?: string;
  disputeId?: string;
}

export interface EventPointer {
  /** From our metadata; absent on charges, refunds and disputes. */
  purchaseId: string | undefined;
  known: KnownIds;
}

/**
 * Reads the pointer out of a stored event. Nothing else of the payload is trusted: the state is read afresh.
 * @throws z.ZodError for a payload without an object
 */
export function pointerOf(payload: unknown): EventPointer {
  const { id, object, payment_intent: intentId, metadata } = payloadSchema.parse(payload).data.object;
  const purchaseId = purchaseIdIn(metadata);
  const intent = intentId ? { intentId } : {};
  switch (object) {
    case 'checkout.session':
      return { purchaseId, known: { sessionId: id, ...intent } };
    case 'payment_intent':
      return { purchaseId, known: { intentId: id } };
    case 'refund':
      return { purchaseId: undefined, known: { refundId: id, ...intent } };
    case 'dispute':
      return { purchaseId: undefined, known: { disputeId: id, ...intent } };
    case 'charge':
      return { purchaseId: undefined, known: { chargeId: id, ...intent } };
    default:
      return { purchaseId: undefined, known: intent };
  }
}

/** The purchase that our metadata names; undefined on what is not ours. */
export function purchaseIdIn(
  metadata: Readonly<Record<string, string>> | null | undefined,
): string | undefined {
  return z.uuid().safeParse(metadata?.['purchase_id']).data;
}
