/** What everyone may read: prices, health, metrics and the description of this API. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { HealthReport } from '../../src-runtime/health.ts';
import { healthReportSchema } from '../../src-shared/health.ts';
import { pricingResponseSchema } from '../../src-shared/relay-api.ts';
import type { Purchases } from '../doors/database/purchases.ts';
import { withErrors } from '../model/errors.ts';
import type { Metrics } from './metrics.ts';

export interface OpenNeeds {
  purchases: Pick<Purchases, 'listPackages'>;
  health(): HealthReport;
  metrics: Pick<Metrics, 'registry'>;
}

export function registerOpenRoutes(app: FastifyInstance, { purchases, health, metrics }: OpenNeeds): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/pricing',
    { schema: { summary: 'Packages on sale', response: withErrors(pricingResponseSchema) } },
    async () => ({ packages: await purchases.listPackages() }),
  );

  routes.get(
    '/health',
    {
      config: { rateLimit: false },
      schema: { summary: 'How the relay is', response: { 200: healthReportSchema } },
    },
    () => health(),
  );

  app.get('/metrics', { config: { rateLimit: false }, schema: { hide: true } }, async (_request, reply) => {
    reply.type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });

  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}
