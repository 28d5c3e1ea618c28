/** What the hosted pages do: pay an open session, answer the bank's question. Each in one transaction. */
import { completeSession, expireSession, isOverdue, startPayment } from '../core/checkout-session.ts';
import type { Cause } from '../core/event.ts';
import type { Moment } from '../core/moment.ts';
import {
  completeAuthentication,
  confirmIntent,
  failAuthentication,
  type IntentResult,
} from '../core/payment-intent.ts';
import { type CardInput, createPaymentMethod } from '../core/payment-method.ts';
import type { IntentRecord, SessionRecord } from '../core/records.ts';
import type { Store } from '../store/store.ts';

/** A person, not an API request, caused it. */
const BY_PERSON: Cause = { id: null, idempotency_key: null };

export type PayResult =
  | { state: 'paid'; record: SessionRecord }
  | { state: 'asks_bank' }
  | { state: 'declined'; codes: (string | undefined)[] }
  | { state: 'not_open'; record: SessionRecord };

/** Tries to pay a session with a card. Paying a session that isn't open any more changes nothing. */
export function paySession(store: Store, sessionId: string, card: CardInput, moment: Moment): PayResult {
  return store.transaction(() => {
    const before = requireSession(store, sessionId);
    if (before.session.status !== 'open') return { state: 'not_open', record: before };
    const { record, intent } = intentOf(store, before, moment);
    const method = createPaymentMethod(card, moment);
    const url = `${moment.publicUrl}/c/pay/${sessionId}/3ds`;
    const result = confirmIntent(intent, method, { url, returnUrl: null }, moment);
    return finish(store, record, result, card.email, moment);
  });
}

/**
 * The person's answer to the bank, for an intent of a session or of the API.
 * @returns the result, or null when the bank has no question open.
 */
export function answerBank(
  store: Store,
  intentId: string,
  confirmed: boolean,
  moment: Moment,
): { result: IntentResult; session: SessionRecord | null } | null {
  return store.transaction(() => {
    const record = store.get('payment_intent', intentId);
    const methodId = record?.intent.payment_method;
    const method = typeof methodId === 'string' ? store.get('payment_method', methodId) : undefined;
    if (!record || !method || record.intent.status !== 'requires_action') return null;
    const result = confirmed
      ? completeAuthentication(record, method, moment)
      : failAuthentication(record, method);
    store.apply(result.change, BY_PERSON, moment);
    const session =
      record.checkoutSessionId === null ? undefined : store.get('checkout_session', record.checkoutSessionId);
    if (!session || !confirmed) return { result, session: session ?? null };
    const done = completeSession(session, method.paymentMethod.billing_details.email);
    store.apply(done.change, BY_PERSON, moment);
    return { result, session: done.record };
  });
}

/** Ends every session whose time has run out. @returns how many. */
export function expireOverdueSessions(store: Store, moment: Moment): number {
  const ids = store.overdueSessionIds(moment.nowSeconds);
  if (ids.length === 0) return 0;
  store.transaction(() => {
    for (const id of ids) {
      const record = store.get('checkout_session', id);
      if (!record || !isOverdue(record.session, moment.nowSeconds)) continue;
      const { payment_intent: intentId } = record.session;
      const intent = typeof intentId === 'string' ? store.get('payment_intent', intentId) : undefined;
      store.apply(expireSession(record, intent, moment).change, BY_PERSON, moment);
    }
  });
  return ids.length;
}

function finish(
  store: Store,
  record: SessionRecord,
  result: IntentResult,
  email: string | null,
  moment: Moment,
): PayResult {
  store.apply(result.change, BY_PERSON, moment);
  if (result.failure) return { state: 'declined', codes: [result.failure.decline_code, result.failure.code] };
  if (result.record.intent.status === 'requires_action') return { state: 'asks_bank' };
  const done = completeSession(record, email);
  store.apply(done.change, BY_PERSON, moment);
  return { state: 'paid', record: done.record };
}

function intentOf(
  store: Store,
  record: SessionRecord,
  moment: Moment,
): { record: SessionRecord; intent: IntentRecord } {
  const { payment_intent: id } = record.session;
  const intent = typeof id === 'string' ? store.get('payment_intent', id) : undefined;
  if (intent) return { record, intent };
  const started = startPayment(record, moment);
  store.apply(started.change, BY_PERSON, moment);
  return { record: started.record, intent: started.intent.record };
}

function requireSession(store: Store, id: string): SessionRecord {
  const record = store.get('checkout_session', id);
  if (!record) throw new Error(`no session ${id}`);
  return record;
}
