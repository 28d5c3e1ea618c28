/** /v1/webhook_endpoints. The secret is told once, when the endpoint is made. https://docs.stripe.com/api/webhook_endpoints */
import type Stripe from 'stripe';
import { z } from 'zod';
import { noSuch } from '../core/errors.ts';
import { API_VERSION } from '../core/moment.ts';
import { expand, list, metadata, text, webUrl } from './params.ts';
import { type Route, route } from './route.ts';

const createParams = z.strictObject({
  api_version: z.literal(API_VERSION).optional(),
  description: text.optional(),
  enabled_events: list(z.string().regex(/^(\*|[a-z_]+(\.[a-z_]+)+)$/, 'must be an event type or *')).refine(
    (types) => types.length > 0,
    'must not be empty',
  ),
  expand,
  metadata: metadata.optional(),
  url: webUrl,
});

export const webhookEndpointRoutes: Route[] = [
  route('POST', '/v1/webhook_endpoints', createParams, (context, params) => {
    const secret = context.moment.newId('whsec');
    const endpoint: Stripe.WebhookEndpoint = {
      id: context.moment.newId('we'),
      object: 'webhook_endpoint',
      api_version: params.api_version ?? null,
      application: null,
      created: context.moment.nowSeconds,
      description: params.description ?? null,
      enabled_events: params.enabled_events,
      livemode: false,
      metadata: params.metadata ?? {},
      status: 'enabled',
      url: params.url,
    };
    const record = { endpoint, secret };
    context.apply({ puts: [{ kind: 'webhook_endpoint', id: endpoint.id, record }], events: [] });
    return { ...endpoint, secret };
  }),

  route('GET', '/v1/webhook_endpoints/:id', z.strictObject({ expand }), (context, _, id) => {
    const record = context.store.get('webhook_endpoint', id);
    if (!record) throw noSuch('webhook_endpoint', id);
    return record.endpoint;
  }),

  route('DELETE', '/v1/webhook_endpoints/:id', z.strictObject({}), (context, _, id) => {
    if (!context.store.get('webhook_endpoint', id)) throw noSuch('webhook_endpoint', id);
    context.store.remove('webhook_endpoint', id);
    context.store.deliveries.giveUpEndpoint(id);
    return { id, object: 'webhook_endpoint', deleted: true };
  }),
];
