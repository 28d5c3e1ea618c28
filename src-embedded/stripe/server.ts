/**
 * The sandbox as one HTTP server: Stripe's REST API under /v1, the hosted pages, and /health. It binds to loopback
 * only. What it answered is kept; see store/store.ts.
 */
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { healthReport } from '../../src-runtime/health.ts';
import type { Logger } from '../../src-runtime/log.ts';
import { accountRoutes } from './api/account.ts';
import { checkoutSessionRoutes } from './api/checkout-sessions.ts';
import { createDispatcher } from './api/dispatcher.ts';
import { eventRoutes } from './api/events.ts';
import { paymentIntentRoutes } from './api/payment-intents.ts';
import { refundRoutes } from './api/refunds.ts';
import { sandboxRoutes } from './api/sandbox.ts';
import { terminalRoutes } from './api/terminal.ts';
import { webhookEndpointRoutes } from './api/webhook-endpoints.ts';
import { type Moment, momentNow } from './core/moment.ts';
import type { EndpointRecord } from './core/records.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { expireOverdueSessions } from './page/checkout.ts';
import { registerElements } from './page/elements.ts';
import { ensureReader, registerReaderPage } from './page/reader.ts';
import { registerPages } from './page/routes.ts';
import { openDatabase } from './store/database.ts';
import { createStore } from './store/store.ts';
import { createFaultBox } from './webhooks/faults.ts';
import { startSender } from './webhooks/sender.ts';

export interface SandboxOptions {
  /** 0 picks a free port. */
  port: number;
  databasePath: string;
  secretKey: string;
  /** The key that browsers come with; null when there is none. */
  publishableKey: string | null;
  /** Where every event goes besides the endpoints made by the API, and the secret it is signed with. */
  webhook: { url: string; secret: string } | null;
  faults: boolean;
  /** Where people reach the pages; without it the loopback address. */
  publicUrl: string | null;
  /** A simulated card reader that is there from the start. */
  readerId: string | null;
  instanceId: string;
  log: Logger;
  nowMs?: () => number;
}

export interface Sandbox {
  url: string;
  close(): Promise<void>;
}

const SWEEP_EVERY_MS = 1_000;
const PRUNE_EVERY_MS = 60 * 60 * 1000;
const LARGEST_BODY_BYTES = 64 * 1024;

/** Starts the sandbox; resolves when it answers. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { log } = options;
  const nowMs = options.nowMs ?? Date.now;
  const database = openDatabase(options.databasePath);
  const faults = createFaultBox();
  const store = createStore({
    database,
    standingEndpoint: options.webhook && standingEndpoint(options.webhook),
    scheduleRule: faults.scheduleRule,
    nowMs,
  });
  const sender = startSender({ store, log, nowMs });
  const server = fastify({ logger: false, bodyLimit: LARGEST_BODY_BYTES, forceCloseConnections: true });
  let publicUrl = options.publicUrl?.replace(/\/+$/, '') ?? '';
  const moment = (): Moment => momentNow(publicUrl, nowMs());
  const refresh = (): void => {
    if (expireOverdueSessions(store, moment()) > 0) sender.wake();
  };

  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
    done(null, body),
  );
  server.get('/health', () => {
    database.pragma('user_version');
    return healthReport('stripe', options.instanceId, { database: 'ok' });
  });
  const metrics = createMetrics(store, nowMs);
  server.get('/metrics', async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  registerPages(server, { store, moment, refresh, changed: sender.wake });
  registerReaderPage(server, { store, moment, changed: sender.wake });
  registerElements(server);
  if (options.readerId) ensureReader(store, options.readerId, moment());
  registerApi(server);
  answerFaults(server, log);
  logRequests(server, log, metrics);

  const sweep = setInterval(() => attempt('sweep', refresh), SWEEP_EVERY_MS);
  const prune = setInterval(() => attempt('prune', () => store.prune(moment().nowSeconds)), PRUNE_EVERY_MS);
  store.prune(moment().nowSeconds);
  const address = await server.listen({ host: '127.0.0.1', port: options.port });
  if (publicUrl === '') publicUrl = address;
  return {
    url: address,
    async close() {
      clearInterval(sweep);
      clearInterval(prune);
      await server.close();
      await sender.stop();
      database.close();
    },
  };

  /** A full disk must not end the process from a timer; the next turn tries again. */
  function attempt(name: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      log.error({ err: error }, `${name} failed`);
    }
  }

  function registerApi(target: FastifyInstance): void {
    const dispatch = createDispatcher({
      secretKey: options.secretKey,
      publishableKey: options.publishableKey,
      routes: [
        ...paymentIntentRoutes,
        ...checkoutSessionRoutes,
        ...refundRoutes,
        ...eventRoutes,
        ...webhookEndpointRoutes,
        ...terminalRoutes,
        ...accountRoutes,
        ...(options.faults ? sandboxRoutes : []),
      ],
      store,
      faults,
      moment,
      changed: sender.wake,
      log,
    });
    target.setNotFoundHandler(async (request, reply) => {
      refresh();
      const { path, query } = splitUrl(request.url);
      const answer = await dispatch({
        method: request.method,
        path,
        encoded: request.method === 'POST' ? bodyOf(request) : query,
        authorization: request.headers.authorization,
        idempotencyKey: headerOf(request, 'idempotency-key'),
        stripeVersion: headerOf(request, 'stripe-version'),
      });
      if (answer.disconnect) {
        reply.hijack();
        request.raw.socket.destroy();
        return reply;
      }
      return reply
        .code(answer.status)
        .headers({
          'content-type': 'application/json',
          'cache-control': 'no-cache, no-store',
          ...answer.headers,
        })
        .send(answer.body);
    });
  }
}

/** The endpoint that the environment names. */
function standingEndpoint(webhook: { url: string; secret: string }): EndpointRecord {
  return {
    endpoint: {
      id: 'we_environment',
      object: 'webhook_endpoint',
      api_version: null,
      application: null,
      created: 0,
      description: 'WEBHOOK_URL',
      enabled_events: ['*'],
      livemode: false,
      metadata: {},
      status: 'enabled',
      url: webhook.url,
    },
    secret: webhook.secret,
  };
}

/** What goes wrong outside the API's own answers (too large a body, a full disk under a page), in Stripe's shape. */
function answerFaults(server: FastifyInstance, log: Logger): void {
  server.setErrorHandler((error: { statusCode?: number; message: string }, _, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) log.error({ err: error }, 'request failed');
    const type = status >= 500 ? 'api_error' : 'invalid_request_error';
    const message = status >= 500 ? 'The sandbox failed; see its log.' : error.message;
    return reply.code(status).send({ error: { type, message } });
  });
}

/** Method, path and status only: bodies hold card data and secrets. */
function logRequests(server: FastifyInstance, log: Logger, metrics: Metrics): void {
  server.addHook('onResponse', (request, reply, done) => {
    const { path } = splitUrl(request.url);
    if (path !== '/health' && path !== '/metrics') {
      metrics.count(request.method, reply.statusCode);
      const durationMs = Math.round(reply.elapsedTime);
      log.info({ method: request.method, path, status: reply.statusCode, durationMs }, 'request');
    }
    done();
  });
}

function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf('?');
  return mark === -1 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}

function bodyOf(request: FastifyRequest): string {
  return typeof request.body === 'string' ? request.body : '';
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
