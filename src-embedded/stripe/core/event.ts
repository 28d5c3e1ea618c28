/**
 * Events and their way to a webhook endpoint: who wants which, how a delivery is signed, and when it is tried again.
 * https://docs.stripe.com/webhooks
 */
import { createHmac } from 'node:crypto';
import { type Backoff, backoffMs } from '../../../src-shared/retry.ts';
import { API_VERSION, type Moment } from './moment.ts';
import type { EventDraft, EventObject } from './records.ts';

/** What caused an event; both null when it wasn't an API request (a hosted page, the clock). */
export interface Cause {
  id: string | null;
  idempotency_key: string | null;
}

/** Stripe's event object without `pending_webhooks`, which is counted whenever it is told. */
export interface StoredEvent {
  id: string;
  object: 'event';
  api_version: string;
  created: number;
  data: { object: EventObject };
  livemode: false;
  request: Cause;
  type: string;
}

export function createEvent(draft: EventDraft, cause: Cause, moment: Moment): StoredEvent {
  return {
    id: moment.newId('evt'),
    object: 'event',
    api_version: API_VERSION,
    created: moment.nowSeconds,
    data: { object: draft.object },
    livemode: false,
    request: cause,
    type: draft.type,
  };
}

/** Whether an endpoint asked for this type of event. */
export function isEnabled(enabledEvents: readonly string[], type: string): boolean {
  return enabledEvents.includes('*') || enabledEvents.includes(type);
}

/** Value of the `Stripe-Signature` header: HMAC-SHA256 over "timestamp.body", keyed with the endpoint's secret. */
export function signatureHeader(rawBody: string, secret: string, timestampSeconds: number): string {
  const signature = createHmac('sha256', secret)
    .update(`${timestampSeconds}.${rawBody}`, 'utf8')
    .digest('hex');
  return `t=${timestampSeconds},v1=${signature}`;
}

const RETRY: Backoff = { firstMs: 1_000, longestMs: 60 * 60 * 1000 };
const GIVE_UP_AFTER_MS = 3 * 24 * 60 * 60 * 1000;

/**
 * When to try again after the `attempts`-th failed try (1 or more): 1 s, 2 s, 4 s … up to an hour, for three days.
 * Stripe starts slower; a person at a kiosk should not wait for that.
 * @returns Unix milliseconds, or null when the delivery is given up.
 */
export function nextAttemptMs(attempts: number, createdMs: number, nowMs: number): number | null {
  if (nowMs - createdMs >= GIVE_UP_AFTER_MS) return null;
  return nowMs + backoffMs(RETRY, attempts);
}
