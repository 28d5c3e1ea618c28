/** The rules of buying, redeeming, refunding, deducting and expiring. */
import {
  activate,
  availableSeconds,
  endIfRefunded,
  expire,
  heldSeconds,
  move,
  take,
  total,
  usableCards,
} from './cards.ts';
import { hasGrant, isKioskLive } from './leases.ts';
import {
  answers,
  type CardBook,
  currentWallet,
  type Expected,
  type RefundBook,
  refused,
  type State,
} from './state.ts';

export interface Package {
  id: string;
  paidSeconds: number;
  bonusSeconds: number;
  priceCents: number;
}

const TRIES_WINDOW_US = 10 * 60 * 1_000_000;
const GRANT_US = 12 * 3600 * 1_000_000;

export interface NewPurchase {
  purchaseId: string;
  tierId: string;
  kioskId: string | null;
  visitId: string | null;
  userId: string | null;
}

export function createPurchase(state: State, purchase: NewPurchase, nowUs: number): Expected {
  const known = state.purchases.get(purchase.purchaseId);
  if (known) return answers({ purchaseId: known.purchaseId, status: known.status });
  const { kioskId, userId, visitId } = purchase;
  if (kioskId !== null && !isKioskLive(state, kioskId)) return refused('kiosk_revoked');
  if (kioskId !== null && userId !== null && !hasGrant(state, userId, kioskId, visitId ?? '', nowUs)) {
    return refused('no_visit_grant');
  }
  state.purchases.set(purchase.purchaseId, {
    ...purchase,
    status: 'pending',
    paymentIntentId: null,
    cardId: null,
  });
  return answers({ purchaseId: purchase.purchaseId, status: 'pending' });
}

export interface Fulfilment {
  purchaseId: string;
  paymentIntentId: string;
  amountCents: number;
  lookup: string;
}

/** @param madeCardId the id the server gave the card, when it answered with one */
export function fulfil(
  state: State,
  { purchaseId, paymentIntentId, amountCents, lookup }: Fulfilment,
  offer: Package,
  nowUs: number,
  madeCardId: string,
): Expected {
  const purchase = state.purchases.get(purchaseId);
  if (!purchase) return refused('purchase_unknown');
  if (amountCents !== offer.priceCents || (purchase.paymentIntentId ?? paymentIntentId) !== paymentIntentId) {
    return refused('payment_mismatch');
  }
  if (purchase.status !== 'paid' && purchase.status !== 'refunded') {
    purchase.status = 'paid';
    purchase.paymentIntentId = paymentIntentId;
    purchase.cardId = madeCardId;
    const card = newCard(madeCardId, purchaseId, lookup, offer);
    state.cards.set(madeCardId, card);
    if (purchase.userId) {
      const owner = currentWallet(state, purchase.userId);
      activate(card, owner, nowUs);
      card.codeRetired = owner !== purchase.userId && state.accounts.has(owner);
    }
  }
  return answers({ purchaseId, status: purchase.status, cardId: purchase.cardId });
}

function newCard(cardId: string, purchaseId: string, lookup: string, offer: Package): CardBook {
  const none = () => ({ paid: 0, bonus: 0 });
  return {
    cardId,
    purchaseId,
    lookup,
    userId: null,
    status: 'issued',
    paidSeconds: offer.paidSeconds,
    bonusSeconds: offer.bonusSeconds,
    priceCents: offer.priceCents,
    activatedAtUs: 0,
    expiresAtUs: Number.POSITIVE_INFINITY,
    refundOwedSeconds: 0,
    bonusVoid: false,
    codeRetired: false,
    at: {
      available: { paid: offer.paidSeconds, bonus: offer.bonusSeconds },
      held: none(),
      spent: none(),
      refunded: none(),
      expired: none(),
      writtenOff: none(),
    },
  };
}

export function failPurchase(
  state: State,
  purchaseId: string,
  status: 'pending' | 'processing' | 'failed' | 'expired',
): Expected {
  const purchase = state.purchases.get(purchaseId);
  if (!purchase) return refused('purchase_unknown');
  if (purchase.status === 'pending' || purchase.status === 'processing') purchase.status = status;
  return answers({ purchaseId, status: purchase.status });
}

/** The stated rule: unused paid seconds that the money covers go now, held ones when let go, spent ones never. */
export function refund(
  state: State,
  {
    paymentIntentId,
    refundId,
    amountCents,
  }: { paymentIntentId: string; refundId: string; amountCents: number },
  nowUs: number,
): Expected {
  const purchase = [...state.purchases.values()].find((one) => one.paymentIntentId === paymentIntentId);
  if (!purchase) return refused('purchase_unknown');
  const card = state.cards.get(purchase.cardId ?? '');
  if (!card) return refused('purchase_not_paid');
  const known = state.refunds.get(refundId);
  if (known) return refundAnswer(known, true);
  if (card.status === 'active' && card.expiresAtUs <= nowUs) expire(card);
  const unused = card.at.available.paid;
  const covered = Math.min(card.paidSeconds, Math.ceil((amountCents * card.paidSeconds) / card.priceCents));
  const isWhole = amountCents >= Math.floor((card.priceCents * unused) / card.paidSeconds);
  const taken = isWhole ? unused : Math.min(covered, unused);
  const owed = Math.max(0, Math.min(card.at.held.paid - card.refundOwedSeconds, covered - taken));
  const voided = isWhole ? card.at.available.bonus : 0;
  move(card, 'available', 'refunded', { paid: taken, bonus: 0 });
  move(card, 'available', 'writtenOff', { paid: 0, bonus: voided });
  card.refundOwedSeconds += owed;
  if (isWhole) {
    card.bonusVoid = true;
    purchase.status = 'refunded';
  }
  endIfRefunded(card);
  const entry = {
    refundId,
    amountCents,
    refundedSeconds: taken,
    owedSeconds: owed,
    voidedBonusSeconds: voided,
  };
  state.refunds.set(refundId, entry);
  return refundAnswer(entry, false);
}

function refundAnswer(refundBook: RefundBook, repeated: boolean): Expected {
  return answers({ ...refundBook, repeated });
}

export interface Redemption {
  lookup: string;
  kioskId: string;
  visitId: string;
  userId: string | null;
}

/** @param madeUserId the id of the wallet in the server's answer, for the case that it had to be made */
export function redeem(
  state: State,
  { lookup, kioskId, visitId, userId }: Redemption,
  nowUs: number,
  madeUserId: string,
): Expected {
  if (!isKioskLive(state, kioskId)) return refused('kiosk_revoked');
  const wrong = state.wrongTries.filter((attempt) => attempt.atUs > nowUs - TRIES_WINDOW_US);
  if (wrong.length >= 100 || wrong.filter((attempt) => attempt.kioskId === kioskId).length >= 10) {
    return answers({ ok: false, error: 'too_many_tries' });
  }
  const hasOwn = [...state.grants].some(
    ([key, untilUs]) => untilUs > nowUs && key.startsWith(`${userId}|${kioskId}|`),
  );
  if (userId !== null && !hasOwn) return refused('no_visit_grant');
  const card = [...state.cards.values()].find((one) => one.lookup === lookup && !one.codeRetired);
  let outcome: string | null = null;
  if (card?.status === 'issued') {
    activate(card, userId ?? madeUserId, nowUs);
    outcome = 'activated';
  } else if (card?.userId && card.status === 'active' && card.expiresAtUs > nowUs) {
    const left = availableSeconds(state, card.userId, nowUs) + heldSeconds(state, card.userId);
    if (left > 0) outcome = 'opened';
  }
  if (!card?.userId || !outcome) {
    state.wrongTries.push({ kioskId, atUs: nowUs });
    return answers({ ok: false, error: 'code_not_accepted' });
  }
  if (!state.wallets.has(card.userId)) state.wallets.set(card.userId, null);
  state.grants.set(`${card.userId}|${kioskId}|${visitId}`, nowUs + GRANT_US);
  return answers({ ok: true, userId: card.userId, cardId: card.cardId, outcome });
}

export function deduct(
  state: State,
  { userId: askedFor, minutes, requestId }: { userId: string; minutes: number; requestId: string },
  nowUs: number,
): Expected {
  if (!state.wallets.has(askedFor)) return refused('user_unknown');
  const userId = currentWallet(state, askedFor);
  const seconds = minutes * 60;
  const known = state.deductions.get(requestId);
  if (known) {
    if (currentWallet(state, known.userId) !== userId || known.seconds !== seconds)
      return refused('request_differs');
  } else {
    if (availableSeconds(state, userId, nowUs) < seconds) return refused('no_time_left');
    let left = seconds;
    for (const card of usableCards(state, userId, nowUs)) {
      const part = take(card.at.available, left);
      move(card, 'available', 'spent', part);
      left -= total(part);
    }
    state.deductions.set(requestId, { userId, seconds });
  }
  return answers({
    deductedSeconds: seconds,
    repeated: known !== undefined,
    availableSeconds: availableSeconds(state, userId, nowUs),
  });
}

/** Returns how many cards ended. What leases hold of them stays usable. */
export function cleanUp(state: State, nowUs: number): number {
  const ended = [...state.cards.values()].filter(
    (card) => card.status === 'active' && card.expiresAtUs <= nowUs,
  );
  for (const card of ended) expire(card);
  return ended.length;
}

/** The old wallet holds nothing afterwards, and its grants and (into an account) its codes open nothing. */
export function merge(state: State, from: string, into: string, nowUs: number): Expected {
  const [fromNow, intoNow] = [state.wallets.get(from), state.wallets.get(into)];
  if (from === into) return refused('invalid_request');
  if (fromNow === undefined || intoNow === undefined) return refused('user_unknown');
  const done = (movedCards: number, repeated: boolean) =>
    answers({ movedCards, repeated, availableSeconds: availableSeconds(state, into, nowUs) });
  if (fromNow === into) return done(0, true);
  if (fromNow !== null || intoNow !== null) return refused('wallet_merged');
  if (state.accounts.has(from)) return refused('wallet_of_account');
  if (heldSeconds(state, from) + heldSeconds(state, into) > 0) return refused('time_is_leased');
  const cards = [...state.cards.values()].filter((card) => card.userId === from);
  for (const card of cards) {
    card.userId = into;
    card.codeRetired ||= state.accounts.has(into);
  }
  for (const key of state.grants.keys()) if (key.startsWith(`${from}|`)) state.grants.delete(key);
  for (const [wallet, target] of state.wallets) {
    if (wallet === from || target === from) state.wallets.set(wallet, into);
  }
  return done(cards.length, false);
}

/** The operator ends a card: what is free of it is written off at once. */
export function revokeCard(state: State, cardId: string): Expected {
  const card = state.cards.get(cardId);
  if (!card) return refused('card_unknown');
  if (card.status === 'revoked') return answers({ cardId, writtenOffSeconds: 0, repeated: true });
  if (card.status !== 'issued' && card.status !== 'active') return refused('card_ended');
  const writtenOffSeconds = total(card.at.available);
  move(card, 'available', 'writtenOff', { ...card.at.available });
  card.status = 'revoked';
  return answers({ cardId, writtenOffSeconds, repeated: false });
}
