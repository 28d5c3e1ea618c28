/**
 * POST /webhooks/stripe. Answers 2xx only after the event is durably stored; a database out of reach is 503, so that
 * Stripe sends it again. What the event means is worked off afterwards.
 */
import type { FastifyInstance } from 'fastify';
import { type DeliveryNeeds, receiveDelivery } from '../webhooks/webhook-delivery.ts';

const WEBHOOK_BODY_LIMIT_BYTES = 1024 * 1024;
/** Stripe sends bursts after an outage. */
const WEBHOOKS_PER_MINUTE = 6_000;

/** Needs a scope of its own: in it every body is left as the bytes that were signed. */
export function registerWebhookRoute(scope: FastifyInstance, needs: DeliveryNeeds): void {
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
    async ({ body, headers }) => {
      const signature = headers['stripe-signature'];
      return receiveDelivery(
        needs,
        Buffer.isBuffer(body) ? body : Buffer.alloc(0),
        typeof signature === 'string' ? signature : undefined,
      );
    },
  );
}
