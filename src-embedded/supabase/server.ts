/**
 * The HTTP server of the embedded Supabase: `/auth/v1`, `/rest/v1`, `/health`, `/metrics`. Promise: until the database
 * is ready every API call gets a 503, which supabase-js takes as "try again"; other origins get no CORS headers.
 */
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { Histogram, Registry } from 'prom-client';
import { healthReport } from '../../src-runtime/health.ts';
import type { Logger } from '../../src-runtime/log.ts';
import { collectProcessMetrics } from '../../src-runtime/process-metrics.ts';
import { AttemptLimiter } from './auth/attempts.ts';
import { fileMailer } from './auth/one-time-codes.ts';
import { authRoutes } from './auth/routes.ts';
import type { Databases } from './database.ts';
import type { Keys } from './keys.ts';
import { restRoutes } from './rest/routes.ts';

const BODY_LIMIT_BYTES = 1_048_576;
const HEALTH_TIMEOUT_MS = 1_500;
const FAILURE_WINDOW_MS = 5 * 60_000;
const FAILURES_PER_EMAIL = 10;
const FAILURES_OVERALL = 200;

export interface ServerOptions {
  keys: Keys;
  databases: Databases;
  log: Logger;
  instance: string;
  publicUrl: string;
  mailDir: string;
  /** What the process waits for, or `ok`. */
  preparation: () => string;
}

/** Builds the server; the caller listens and closes it. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { keys, databases, log, preparation } = options;
  // A line per request would hold addresses in URLs: only failures are logged.
  const level = log.isLevelEnabled('warn') ? 'warn' : log.level;
  const requestLog: FastifyBaseLogger = log.child({}, { level });
  const app: FastifyInstance = Fastify({
    loggerInstance: requestLog,
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: 128 },
  });
  // The text goes to Postgres as it is; see rest/body.ts.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
  addMetrics(app);

  app.addHook('onRequest', async (request, reply) => {
    const waitsFor = preparation();
    if (waitsFor === 'ok' || !/^\/(auth|rest)\/v1\//.test(request.url)) return;
    if (request.url.startsWith('/auth/v1/.well-known/')) return;
    const message = `The embedded Supabase is starting: ${waitsFor}`;
    await reply
      .code(503)
      .header('retry-after', '1')
      .send({ code: 'PGRST001', message, details: null, hint: null });
  });

  app.get('/health', async () =>
    healthReport('supabase', options.instance, {
      preparation: preparation(),
      database: await databaseCheck(databases),
    }),
  );

  const now = () => performance.now();
  const window = { windowMs: FAILURE_WINDOW_MS, now };
  await app.register(authRoutes, {
    prefix: '/auth/v1',
    keys,
    publicUrl: options.publicUrl,
    pool: databases.auth,
    failures: {
      perEmail: new AttemptLimiter({ ...window, limit: FAILURES_PER_EMAIL }),
      overall: new AttemptLimiter({ ...window, limit: FAILURES_OVERALL }),
    },
    sendMail: fileMailer(options.mailDir),
  });
  await app.register(restRoutes, { prefix: '/rest/v1', keys, pool: databases.rest });
  return app;
}

/** `ok`, or what is wrong, within HEALTH_TIMEOUT_MS. */
async function databaseCheck({ rest }: Databases): Promise<string> {
  const asked = rest.query('select 1').then(
    () => 'ok',
    (error: Error) => `Postgres does not answer: ${error.message}`,
  );
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('Postgres does not answer in time'), HEALTH_TIMEOUT_MS);
  });
  try {
    return await Promise.race([asked, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function addMetrics(app: FastifyInstance): void {
  const registry = new Registry();
  registry.setDefaultLabels({ process: 'supabase' });
  collectProcessMetrics(registry);
  const duration = new Histogram({
    name: 'mindbot_supabase_request_duration_seconds',
    help: 'Time to answer a request of the embedded Supabase',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 8],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    duration.observe(
      { route, method: request.method, status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
  });
  app.get('/metrics', async (_request, reply) =>
    reply.header('content-type', registry.contentType).send(await registry.metrics()),
  );
}
