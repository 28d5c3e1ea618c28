/** The present state behind a purchase, read at Stripe. */
import type Stripe from 'stripe';
import type { PurchaseRow } from '../../model/purchase.ts';
import type { KnownIds } from '../../model/stripe-events.ts';
import type { StripeState } from '../../model/stripe-state.ts';
import { idOf } from './client.ts';

/** Of one charge; more than anybody makes. */
const MOST_REFUNDS = 100;

/** `known` names what an event told beyond the row. */
export async function readState(stripe: Stripe, row: PurchaseRow, known: KnownIds): Promise<StripeState> {
  const sessionId = row.checkoutSessionId ?? known.sessionId;
  const session = sessionId ? await stripe.checkout.sessions.retrieve(sessionId) : null;
  const intentId = idOf(session?.payment_intent) ?? row.paymentIntentId ?? known.intentId;
  const [intent, refunds, dispute] = await Promise.all([
    intentId ? stripe.paymentIntents.retrieve(intentId) : null,
    readRefunds(stripe, known),
    known.disputeId ? stripe.disputes.retrieve(known.disputeId) : null,
  ]);
  return {
    session: session && {
      id: session.id,
      status: session.status ?? 'open',
      metadata: session.metadata ?? {},
    },
    intent: intent && {
      id: intent.id,
      status: intent.status,
      amountReceivedCents: intent.amount_received,
      currency: intent.currency,
      livemode: intent.livemode,
      metadata: intent.metadata,
      lastError: intent.last_payment_error?.message ?? null,
    },
    refunds: refunds.map(({ id, status, amount }) => ({ id, status: status ?? '', amountCents: amount })),
    dispute: dispute && { id: dispute.id, status: dispute.status, amountCents: dispute.amount },
  };
}

/** The refund that an event named, or all of a charge: `charge.refunded` says that there are some, not which. */
async function readRefunds(stripe: Stripe, { refundId, chargeId }: KnownIds): Promise<Stripe.Refund[]> {
  if (refundId) return [await stripe.refunds.retrieve(refundId)];
  if (!chargeId) return [];
  return (await stripe.refunds.list({ charge: chargeId, limit: MOST_REFUNDS })).data;
}
