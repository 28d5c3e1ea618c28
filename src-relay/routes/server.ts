/**
 * The relay's HTTP server: what holds for every route. Order of a request: who calls → rate limit → may they → body →
 * handler. Promises: every route is in the table of access.ts, every refusal has the same shape, and the text
 * of a fault of ours never leaves.
 */

import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { EnrolmentNeeds } from '../accounts/enrolment.ts';
import type { IssueNeeds, ReadBatchNeeds } from '../cards/card-batches.ts';
import type { ClaimPageNeeds } from '../cards/claim.ts';
import type { CredentialReader } from '../doors/credentials.ts';
import { ACCESS, refusalFor } from '../model/access.ts';
import type { Credentials } from '../model/callers.ts';
import { errorAnswer, refusalByServer, refusalOf, refusals } from '../model/errors.ts';
import type { Log } from '../model/witnesses.ts';
import type { PayPageNeeds } from '../payments/element-payments.ts';
import type { DeliveryNeeds } from '../webhooks/webhook-delivery.ts';
import { registerCardBatchRoutes } from './card-batches.ts';
import { registerClaimRoute } from './claim.ts';
import { registerEnrolRoute } from './enrol.ts';
import type { Metrics } from './metrics.ts';
import { type OpenNeeds, registerOpenRoutes } from './open.ts';
import { registerPayRoute } from './pay.ts';
import { type PurchaseNeeds, registerPurchaseRoutes } from './purchases.ts';
import { registerWalletRoutes, type WalletNeeds } from './wallets.ts';
import { registerWebhookRoute } from './webhook.ts';

declare module 'fastify' {
  interface FastifyRequest {
    credentials: Credentials;
  }
}

/** Every body but a webhook's is a handful of ids. */
const BODY_LIMIT_BYTES = 16 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
const REQUESTS_PER_MINUTE = 600;

interface HookNeeds {
  credentials: Pick<CredentialReader, 'read'>;
  metrics: Pick<Metrics, 'requests'>;
}

/** What all routes together need. */
export type ServerNeeds = HookNeeds & { log: Log } & DeliveryNeeds &
  OpenNeeds &
  PurchaseNeeds &
  WalletNeeds &
  EnrolmentNeeds &
  ClaimPageNeeds &
  PayPageNeeds &
  IssueNeeds &
  ReadBatchNeeds;

/** Builds the server; it does not listen yet. */
export async function buildServer(needs: ServerNeeds): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error: Error, request, reply) => {
    const context = { route: request.routeOptions.url, method: request.method };
    const refusal = refusalOf(error) ?? refusalByServer(error);
    const { status, body } = errorAnswer(error, refusal, needs.log, context);
    return reply.code(status).type('application/json').send(body);
  });
  app.setNotFoundHandler(() => {
    throw refusals.notFound();
  });
  addHooks(app, needs);
  await app.register(rateLimit, {
    max: REQUESTS_PER_MINUTE,
    timeWindow: '1 minute',
    keyGenerator: rateKeyOf,
    errorResponseBuilder: () => refusals.tooManyRequests(),
  });
  await app.register(swagger, {
    openapi: {
      info: { title: 'MindBot relay', version: '1', description: 'Payments, activation codes and balances.' },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    },
    transform: withSecurity,
  });
  await app.register(async (scope) => registerWebhookRoute(scope, needs));
  registerOpenRoutes(app, needs);
  registerPurchaseRoutes(app, needs);
  registerWalletRoutes(app, needs);
  registerEnrolRoute(app, needs);
  registerClaimRoute(app, needs);
  registerPayRoute(app, needs);
  registerCardBatchRoutes(app, needs);
  return app;
}

function addHooks(app: FastifyInstance, { credentials, metrics }: HookNeeds): void {
  app.decorateRequest('credentials', 'none');
  app.addHook('onRoute', ({ method, url }) => {
    for (const verb of [method].flat()) {
      if (!Object.hasOwn(ACCESS, `${verb} ${url}`)) throw new Error(`${verb} ${url} has no row in access.ts`);
    }
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    request.credentials = await credentials.read(request.headers.authorization);
  });
  app.addHook('preParsing', async (request) => {
    if (request.is404) return;
    const refusal = refusalFor(routeOf(request), request.credentials);
    if (refusal) throw refusal;
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
    metrics.requests.observe(
      { method: request.method, route, status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
  });
}

function routeOf(request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url}`;
}

/** Everything on one machine shares an address, so an account is told apart by its id. */
function rateKeyOf({ credentials, ip }: FastifyRequest): string {
  if (typeof credentials === 'string') return `ip:${ip}`;
  return credentials.kind === 'kiosk' ? `kiosk:${credentials.kioskId}` : `user:${credentials.authUserId}`;
}

/** The OpenAPI entry of a route, with the need to sign in taken from the table. */
const withSecurity: typeof jsonSchemaTransform = (input) => {
  const transformed = jsonSchemaTransform(input);
  const isOpen = [input.route.method].flat().every((verb) => ACCESS[`${verb} ${input.url}`] === 'public');
  return { ...transformed, schema: { ...transformed.schema, security: isOpen ? [] : [{ bearer: [] }] } };
};
