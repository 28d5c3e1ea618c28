/**
 * POST /webhooks/stripe. Answers 2xx only after the event is durably stored; a database out of reach is 503, so that
 * Stripe sends it again. What the event means is worked off afterwards.
 */
import type { FastifyInstance } from 'fastify';
import { RelayError } from '../errors.ts';
import type { RelayParts } from '../parts.ts';
import { isOurEventType } from '../stripe-events.ts';
import { verifyWebhook } from '../webhook-signature.ts';

const WEBHOOK_BODY_LIMIT_BYTES = 1024 * 1024;
/** Stripe sends bursts after an outage. */
const WEBHOOKS_PER_MINUTE = 6_000;

/** Needs a scope of its own: in it every body is left as the bytes that were signed. */
export function registerWebhookRoute(
  scope: FastifyInstance,
  { webhookSecrets, livemode, nowMs, inbox, metrics, log }: RelayParts,
): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  scope.post(
    '/webhooks/stripe',
    {
      bodyLimit: WEBHOOK_BODY_LIMIT_BYTES,
      config: { rateLimit: { max: WEBHOOKS_PER_MINUTE, timeWindow: '1 minute' } },
      schema: {
        summary: 'Events of Stripe, signed',
        description: 'The body is an event of Stripe, proven by the header Stripe-Signature.',
      },
    },
    async (request) => {
      const header = request.headers['stripe-signature'];
      const verified = verifyWebhook(
        Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
        typeof header === 'string' ? header : undefined,
        { secrets: webhookSecrets, livemode, nowMs: nowMs() },
      );
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
    },
  );
}
