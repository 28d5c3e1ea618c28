/**
 * What is to be done about a purchase, decided from its stored row and the present state at Stripe, never from the
 * order or time of events. Pure: the same two states give the same answer, whoever asks (webhook, polling, sweep).
 */
import type { Payment, PurchaseRow, UnpaidStatus } from '../model/purchase.ts';
import type { MoneyBack, StripeState } from '../model/stripe-state.ts';

export type Action =
  /** Money is in: make the card. */
  | ({ kind: 'fulfil' } & Payment)
  /** Money went back: take back what is unused. */
  | { kind: 'claw_back'; paymentIntentId: string; refundId: string; amountCents: number; reason: string }
  /** Money that was to go back did not arrive: nothing is moved, people are told. */
  | { kind: 'refund_failed'; refundId: string }
  /**
   * Money did not come: `failed` and `expired` for good, `processing` while the bank decides, `pending` with the words
   * of a decline while the customer may try again.
   */
  | { kind: 'note'; status: UnpaidStatus; message: string | null }
  /** The money belongs to something else than this row: nothing is done, people are told. */
  | { kind: 'mismatch'; reason: string };

const FINAL: readonly PurchaseRow['status'][] = ['paid', 'refunded', 'failed', 'expired'];
const PROCESSING = { status: 'processing', message: null } as const;
const EXPIRED = { status: 'expired', message: null } as const;

/** Decides. `row` may be older than `stripe`; every action is idempotent in the database. */
export function decideSettlement(row: PurchaseRow, stripe: StripeState): readonly Action[] {
  const reason = mismatchOf(row, stripe);
  if (reason) return [{ kind: 'mismatch', reason }];
  if (stripe.intent?.status === 'succeeded') return paidActions(row, stripe, stripe.intent);
  if (FINAL.includes(row.status)) return [];
  const { status, message } = unpaidStanding(row, stripe);
  return status === row.status && message === row.lastError ? [] : [{ kind: 'note', status, message }];
}

type Standing = Pick<Extract<Action, { kind: 'note' }>, 'status' | 'message'>;

/** Where an unpaid purchase stands. */
function unpaidStanding(row: PurchaseRow, { session, intent }: StripeState): Standing {
  if (intent?.status === 'processing' || intent?.status === 'requires_capture') return PROCESSING;
  if (session?.status === 'complete') {
    // Complete, unpaid and with a failed intent: a delayed method that did not come through.
    const hasFailed = intent?.status === 'requires_payment_method' || intent?.status === 'canceled';
    return hasFailed ? { status: 'failed', message: intent.lastError } : PROCESSING;
  }
  if (session?.status === 'expired') return EXPIRED;
  if (!session && intent?.status === 'canceled') return EXPIRED;
  return { status: 'pending', message: intent?.lastError ?? row.lastError };
}

function paidActions(
  row: PurchaseRow,
  stripe: StripeState,
  intent: NonNullable<StripeState['intent']>,
): Action[] {
  const actions: Action[] = [];
  if (row.status !== 'paid' && row.status !== 'refunded') {
    actions.push({
      kind: 'fulfil',
      paymentIntentId: intent.id,
      amountCents: intent.amountReceivedCents,
      currency: intent.currency,
      livemode: intent.livemode,
    });
  }
  // Only money that really went back takes time back: a pending refund may still fail, an open dispute may be won.
  for (const refund of stripe.refunds) {
    if (refund.status === 'succeeded') actions.push(clawBack(intent.id, refund, 'refund'));
    if (refund.status === 'failed') actions.push({ kind: 'refund_failed', refundId: refund.id });
  }
  if (stripe.dispute?.status === 'lost') actions.push(clawBack(intent.id, stripe.dispute, 'dispute_lost'));
  return actions;
}

function clawBack(paymentIntentId: string, back: MoneyBack, reason: string): Action {
  return { kind: 'claw_back', paymentIntentId, refundId: back.id, amountCents: back.amountCents, reason };
}

/** Why this money is not this purchase's, or undefined. Amount and currency are the database's to compare. */
function mismatchOf(row: PurchaseRow, { session, intent }: StripeState): string | undefined {
  if (session && session.metadata['purchase_id'] !== row.purchaseId) return 'session of another purchase';
  if (!intent) return undefined;
  if (intent.metadata['purchase_id'] !== row.purchaseId) return 'payment of another purchase';
  if ((intent.metadata['kiosk_id'] ?? '') !== (row.kioskId ?? '')) return 'payment of another kiosk';
  if (intent.livemode !== row.livemode) return 'payment of another mode';
  return undefined;
}
