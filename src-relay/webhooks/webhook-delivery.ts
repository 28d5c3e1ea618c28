/** What is done with one delivery to the webhook: checked, stored, and only then answered. */

import { verifyWebhook, type WebhookRules } from '../doors/stripe/webhook-signature.ts';
import { RelayError } from '../model/errors.ts';
import { isOurEventType } from '../model/stripe-events.ts';
import type { Counters, Log } from '../model/witnesses.ts';
import type { EventInbox } from './event-inbox.ts';

export interface DeliveryNeeds extends Pick<WebhookRules, 'livemode'> {
  webhookSecrets: readonly string[];
  inbox: EventInbox;
  metrics: Pick<Counters, 'webhooks'>;
  log: Log;
  nowMs(): number;
}

/**
 * Takes the raw bytes of a delivery and its `Stripe-Signature` header.
 * @throws RelayError 400 for what is not for us; databaseUnavailable (503) when it could not be stored: Stripe sends it again
 */
export async function receiveDelivery(
  { webhookSecrets, livemode, nowMs, inbox, metrics, log }: DeliveryNeeds,
  body: Uint8Array,
  header: string | undefined,
): Promise<{ received: true }> {
  const verified = await verifyWebhook(body, header, { secrets: webhookSecrets, livemode, nowMs: nowMs() });
  if (!verified.ok) {
    metrics.webhooks.inc({ type: 'unknown', result: verified.reason });
    log.warn({ reason: verified.reason }, 'webhook refused');
    throw new RelayError(400, verified.reason, 'This is not an event for us.');
  }
  const { event } = verified;
  if (!isOurEventType(event.type)) {
    metrics.webhooks.inc({ type: 'other', result: 'ignored' });
    return { received: true };
  }
  try {
    const isNew = await inbox.store(event);
    metrics.webhooks.inc({ type: event.type, result: isNew ? 'stored' : 'duplicate' });
    return { received: true };
  } catch (error) {
    metrics.webhooks.inc({ type: event.type, result: 'not_stored' });
    throw error;
  }
}
