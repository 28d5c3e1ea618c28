/** What becomes of the seconds of cards: first-expiring card first, paid before bonus, never from nowhere. */
import type { CardBook, LeaseBook, Seconds, State } from './state.ts';

export function total(seconds: Seconds): number {
  return seconds.paid + seconds.bonus;
}

export function move(
  card: CardBook,
  from: keyof CardBook['at'],
  to: keyof CardBook['at'],
  seconds: Seconds,
): void {
  card.at[from].paid -= seconds.paid;
  card.at[from].bonus -= seconds.bonus;
  card.at[to].paid += seconds.paid;
  card.at[to].bonus += seconds.bonus;
}

/** Up to `wanted` of `seconds`, paid ones first. */
export function take(seconds: Seconds, wanted: number): Seconds {
  const paid = Math.min(seconds.paid, wanted);
  return { paid, bonus: Math.min(seconds.bonus, wanted - paid) };
}

/** Cards of a wallet that can be used now, in the order of their use. */
export function usableCards(state: State, userId: string, nowUs: number): CardBook[] {
  return [...state.cards.values()]
    .filter((card) => card.userId === userId && card.status === 'active' && card.expiresAtUs > nowUs)
    .filter((card) => total(card.at.available) > 0)
    .sort((a, b) => a.expiresAtUs - b.expiresAtUs || a.activatedAtUs - b.activatedAtUs);
}

export function availableSeconds(state: State, userId: string, nowUs: number): number {
  return usableCards(state, userId, nowUs).reduce((sum, card) => sum + total(card.at.available), 0);
}

export function heldSeconds(state: State, userId: string): number {
  let sum = 0;
  for (const card of state.cards.values()) if (card.userId === userId) sum += total(card.at.held);
  return sum;
}

/** Reserves up to `wanted` seconds under a lease; returns how many. */
export function hold(state: State, lease: LeaseBook, wanted: number, nowUs: number): number {
  let left = wanted;
  for (const card of usableCards(state, lease.userId, nowUs)) {
    if (left === 0) break;
    const part = take(card.at.available, left);
    move(card, 'available', 'held', part);
    const known = lease.held.find((held) => held.cardId === card.cardId);
    if (known) {
      known.seconds.paid += part.paid;
      known.seconds.bonus += part.bonus;
    } else lease.held.push({ cardId: card.cardId, seconds: part });
    left -= total(part);
  }
  return wanted - left;
}

/** One reported second (or more) of a lease. */
export function spend(state: State, lease: LeaseBook, seconds: number): void {
  let left = seconds;
  for (const held of lease.held) {
    const part = take(held.seconds, left);
    held.seconds.paid -= part.paid;
    held.seconds.bonus -= part.bonus;
    const card = state.cards.get(held.cardId);
    if (card) move(card, 'held', 'spent', part);
    left -= total(part);
  }
  lease.spentSeconds += seconds;
}

/** Ends a lease: refunded money takes its seconds first, the rest goes where the card now stands. */
export function release(
  state: State,
  lease: LeaseBook,
  status: 'closed' | 'voided' | 'settled',
  nowUs: number,
): number {
  let released = 0;
  for (const { cardId, seconds } of lease.held) {
    const card = state.cards.get(cardId);
    if (!card) continue;
    const owed = Math.min(seconds.paid, card.refundOwedSeconds);
    card.refundOwedSeconds -= owed;
    move(card, 'held', 'refunded', { paid: owed, bonus: 0 });
    const rest =
      card.status === 'revoked' ? 'writtenOff' : card.expiresAtUs <= nowUs ? 'expired' : 'available';
    move(card, 'held', rest, { paid: seconds.paid - owed, bonus: 0 });
    move(card, 'held', card.bonusVoid ? 'writtenOff' : rest, { paid: 0, bonus: seconds.bonus });
    released += total(seconds);
    seconds.paid = 0;
    seconds.bonus = 0;
    endIfRefunded(card);
  }
  lease.status = status;
  return released;
}

export function endIfRefunded(card: CardBook): void {
  const holdsNothing = total(card.at.available) + total(card.at.held) === 0;
  if (card.bonusVoid && holdsNothing && ['issued', 'active'].includes(card.status)) card.status = 'refunded';
}

export function expire(card: CardBook): void {
  move(card, 'available', 'expired', { ...card.at.available });
  card.status = 'expired';
}

/** One year by the calendar, to the microsecond. */
export function oneYearAfter(us: number): number {
  const date = new Date(Math.floor(us / 1000));
  const day = date.getUTCDate();
  date.setUTCFullYear(date.getUTCFullYear() + 1);
  if (date.getUTCDate() !== day) date.setUTCDate(0);
  return date.getTime() * 1000 + (us % 1000);
}

export function activate(card: CardBook, userId: string, nowUs: number): void {
  card.userId = userId;
  card.status = 'active';
  card.activatedAtUs = nowUs;
  card.expiresAtUs = oneYearAfter(nowUs);
}
