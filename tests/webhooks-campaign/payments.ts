/**
 * The payments of the campaign: real purchases at the relay, paid, declined, left, refunded and disputed at the sandbox.
 * Nothing here tells the relay how they ended: that is what the deliveries are for.
 */
import type Stripe from 'stripe';
import type { Random } from '../support/common/random.ts';
import { makeKiosk } from '../support/database/database-kit.ts';
import { payAt, type RelayStack, visitAt } from '../support/relay/relay.ts';
import { createStarterSession, knob } from '../support/stripe/stripe-sandbox.ts';

const KINDS = [
  'paid',
  'paid',
  'paid',
  'declinedThenPaid',
  'declined',
  'left',
  'refunded',
  'refundedInParts',
  'disputeLost',
  'disputeWon',
] as const;
type Kind = (typeof KINDS)[number];

const DECLINED_CARD = '4000 0000 0000 0002';
/** The relay lets a kiosk begin 60 purchases a minute. */
const PAYMENTS_PER_KIOSK = 50;
const TOKEN_SECONDS = 3_600;
/** Of the Starter card: less than half of its price. */
const PART_CENTS = 300;

export interface Payments {
  /** Purchases that were really paid. */
  paidPurchaseIds: string[];
  unpaidPurchaseIds: string[];
  /** Ids of refunds that succeeded and of disputes that were lost. */
  moneyBackIds: string[];
}

/** Makes `count` payments, tells of each. */
export async function makePayments(
  stack: RelayStack,
  count: number,
  random: Random,
  onMade: (done: number) => void,
): Promise<Payments> {
  const made: Payments = { paidPurchaseIds: [], unpaidPurchaseIds: [], moneyBackIds: [] };
  let token = '';
  for (let index = 0; index < count; index += 1) {
    if (index % PAYMENTS_PER_KIOSK === 0) token = await kioskToken(stack);
    // Each kind comes, however few there are.
    const kind = index < KINDS.length ? (KINDS[index] ?? 'paid') : random.one(KINDS);
    await makePayment(stack, token, kind, made);
    onMade(index + 1);
  }
  return made;
}

async function makePayment(stack: RelayStack, token: string, kind: Kind, made: Payments): Promise<void> {
  const at = visitAt(stack.relay, token);
  const { purchaseId, checkoutUrl } = await at.buy();
  if (kind === 'left') {
    await at.cancel(purchaseId);
    made.unpaidPurchaseIds.push(purchaseId);
    return;
  }
  if (kind === 'declined' || kind === 'declinedThenPaid') await payAt(checkoutUrl, DECLINED_CARD);
  if (kind === 'declined') {
    made.unpaidPurchaseIds.push(purchaseId);
    return;
  }
  await payAt(checkoutUrl);
  made.paidPurchaseIds.push(purchaseId);
  const sessionId = checkoutUrl?.split('/').at(-1) ?? '';
  const session = await stack.sandbox.stripe.checkout.sessions.retrieve(sessionId);
  const intent = typeof session.payment_intent === 'string' ? session.payment_intent : '';
  if (!intent) throw new Error(`session ${sessionId} was paid without a payment`);
  await giveBack(stack, kind, intent, made);
}

async function giveBack(stack: RelayStack, kind: Kind, intent: string, made: Payments): Promise<void> {
  const { stripe, url } = stack.sandbox;
  const refund = async (amount?: number) => {
    const params: Stripe.RefundCreateParams = { payment_intent: intent, ...(amount && { amount }) };
    made.moneyBackIds.push((await stripe.refunds.create(params)).id);
  };
  if (kind === 'refunded') await refund();
  if (kind === 'refundedInParts') {
    await refund(PART_CENTS);
    await refund(PART_CENTS);
  }
  if (kind !== 'disputeLost' && kind !== 'disputeWon') return;
  const dispute = await knob(url, 'disputes', { payment_intent: intent });
  await knob(url, `disputes/${dispute.id}/close`, { status: kind === 'disputeLost' ? 'lost' : 'won' });
  if (kind === 'disputeLost') made.moneyBackIds.push(dispute.id);
}

/** A payment that was really made, of one cent, in the name of a purchase that nobody paid. */
export async function payWrongAmount(stack: RelayStack, purchaseId: string): Promise<void> {
  const session = await createStarterSession(stack.sandbox.stripe, {
    metadata: { purchase_id: purchaseId },
    payment_intent_data: { metadata: { purchase_id: purchaseId } },
    line_items: [
      {
        quantity: 1,
        price_data: { currency: 'usd', unit_amount: 50, product_data: { name: 'Almost nothing' } },
      },
    ],
  });
  await payAt(session.url);
}

/** A new kiosk; gives a token as Auth gives it one, but without a password, which takes Auth half a second of work. */
export async function kioskToken({ supabase }: RelayStack): Promise<string> {
  const { kioskId, authUserId } = await makeKiosk(supabase.database);
  return supabase.sign({
    iss: `${supabase.url}/auth/v1`,
    aud: 'authenticated',
    role: 'authenticated',
    sub: authUserId,
    exp: Math.floor(Date.now() / 1000) + TOKEN_SECONDS,
    app_metadata: { kind: 'kiosk', kiosk_id: kioskId },
  });
}
