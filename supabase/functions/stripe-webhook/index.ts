/**
 * POST stripe-webhook: the relay's POST /webhooks/stripe. Answers 2xx only after the event is durably stored. There is no
 * worker between requests, so what waits in the inbox is worked off before the answer; what fails stays for the next one.
 */
import { createEventInbox } from '../../../src-relay/webhooks/event-inbox.ts';
import { receiveDelivery } from '../../../src-relay/webhooks/webhook-delivery.ts';
import { workOffInbox } from '../../../src-relay/webhooks/webhook-worker.ts';
import { parts } from '../_shared/parts.ts';
import { serveFunction } from '../_shared/serve.ts';

const inbox = createEventInbox(parts.events, { wake: () => undefined });

serveFunction('stripe-webhook', '/webhooks/stripe', {
  'POST /webhooks/stripe': async ({ body, headers }) => {
    const signature = headers.get('stripe-signature') ?? undefined;
    const answer = await receiveDelivery({ ...parts, inbox }, body, signature);
    await workOffInbox(parts).catch((error) =>
      parts.log.warn({ err: error }, 'the event inbox could not be read; the event is stored'),
    );
    return answer;
  },
});
