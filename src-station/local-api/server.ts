/**
 * The station's one HTTP server, on loopback: the pages, their API under `/trpc`, the launch, health and metrics.
 * Every request passes the gate first; who the caller is comes from cookies, what it may do from callers.ts.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyCookie from '@fastify/cookie';
import fastifyStatic from '@fastify/static';
import { type FastifyTRPCPluginOptions, fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { HealthReport } from '../../src-runtime/health.ts';
import type { Logger } from '../../src-runtime/log.ts';
import type { Clock } from '../clock.ts';
import type { Caller } from './callers.ts';
import type { Doors } from './doors.ts';
import { hostsOf, judgeRequest } from './gate.ts';
import { securityHeaders } from './page-headers.ts';
import { type PageServer, registerPageServer } from './page-server.ts';
import { type ApiContext, type AppRouter, appRouter } from './router.ts';
import { PageCookies, StaffSessions } from './sessions.ts';
import { SignInLimit } from './sign-in-limit.ts';

export interface LocalApiOptions {
  port: number;
  /** Folder of the built pages. */
  pageDir: string;
  /** Takes the place of `pageDir` while the pages are being worked on. */
  pageServer?: PageServer | undefined;
  /** File that remembers used launch nonces. */
  usedNoncesFile: string;
  launchSecret: string;
  livekitUrl: string;
  /** Whose page may be shown in a frame: the relay's, with the card fields. Null for nobody's. */
  payPageOrigin: string | null;
  doors: Doors;
  clock: Clock;
  log: Logger;
  health(): HealthReport;
  /** Prometheus text. */
  metrics(): Promise<string>;
  /** Takes a webhook of the LiveKit server; false when it is not signed by it. */
  roomEvent(body: string, authorization: string | undefined): Promise<boolean>;
}

/** A caption of 8,000 letters in the widest encoding fits; nothing the page sends is larger. */
const BODY_LIMIT_BYTES = 64 * 1024;
const ASSET_MAX_AGE_SECONDS = 31_536_000;
const LAUNCH_HINT = 'This address works once. Start the kiosk again to get a new one.\n';

/** Serves on 127.0.0.1; the returned instance is closed by the caller. Port 0 picks a free one. */
export async function serveLocalApi(options: LocalApiOptions): Promise<FastifyInstance> {
  const app = fastify({ logger: false, bodyLimit: BODY_LIMIT_BYTES, forceCloseConnections: true });
  const cookies = new PageCookies(options.launchSecret, options.usedNoncesFile);
  const staff = new StaffSessions(options.clock);
  const headers = securityHeaders(options.livekitUrl, options.payPageOrigin, options.pageServer?.nonce);
  let hosts = hostsOf(options.port);

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers);
    const path = request.url.split('?', 1)[0] ?? '';
    const verdict = judgeRequest({ method: request.method, path, headers: request.headers }, hosts);
    if (verdict === 'pass') return;
    options.log.warn({ path, verdict }, 'request refused');
    await reply.code(verdict === 'wrong_host' ? 421 : 403).send({ error: verdict });
  });
  await app.register(fastifyCookie);
  // Cookies know no ports: the name tells the stations of one machine apart.
  const names = () => cookieNames(portOf(app, options.port));
  registerOpenPaths(app, options);
  registerRoomEvents(app, options);
  registerLaunch(app, cookies, names);
  if (options.pageServer) registerPageServer(app, options.pageServer, () => hosts);
  else await registerPages(app, options.pageDir);
  await registerApi(app, options, cookies, staff, names);
  await app.listen({ host: '127.0.0.1', port: options.port });
  hosts = hostsOf(portOf(app, options.port));
  return app;
}

function cookieNames(port: number): { page: string; staff: string } {
  return { page: `mindbot_page_${port}`, staff: `mindbot_staff_${port}` };
}

function portOf(app: FastifyInstance, fallback: number): number {
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : fallback;
}

function registerOpenPaths(app: FastifyInstance, options: LocalApiOptions): void {
  app.get('/health', async () => options.health());
  app.get('/metrics', async (_, reply) => {
    reply.type('text/plain; version=0.0.4; charset=utf-8');
    return options.metrics();
  });
}

/** The signature covers the bytes as they came, so they are not parsed here. */
function registerRoomEvents(app: FastifyInstance, options: LocalApiOptions): void {
  app.addContentTypeParser('application/webhook+json', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  app.post<{ Body: unknown }>('/livekit/webhook', async (request, reply) => {
    const body = typeof request.body === 'string' ? request.body : '';
    const accepted = await options.roomEvent(body, request.headers.authorization);
    if (!accepted) options.log.warn('a room event without a valid signature was refused');
    return reply.code(accepted ? 204 : 401).send();
  });
}

function registerLaunch(app: FastifyInstance, cookies: PageCookies, names: () => { page: string }): void {
  app.get<{ Querystring: { nonce?: string } }>('/launch', async (request, reply) => {
    const { nonce } = request.query;
    const cookie = typeof nonce === 'string' ? cookies.redeemNonce(nonce) : null;
    reply.header('cache-control', 'no-store');
    if (cookie) setCookie(reply, names().page, cookie);
    // A reload of the launch address by the page that has its cookie already is no attack.
    const known = cookie !== null || cookies.isValid(request.cookies[names().page]);
    if (!known) return reply.code(403).type('text/plain; charset=utf-8').send(LAUNCH_HINT);
    return reply.redirect('/');
  });
}

async function registerPages(app: FastifyInstance, pageDir: string): Promise<void> {
  if (!existsSync(pageDir)) {
    app.get('/', async (_, reply) =>
      reply.code(503).type('text/plain').send('The page has not been built yet.\n'),
    );
    return;
  }
  await app.register(fastifyStatic, {
    root: pageDir,
    serve: true,
    wildcard: true,
    index: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const kept = path.startsWith(join(pageDir, 'assets'));
      const value = kept ? `public, max-age=${ASSET_MAX_AGE_SECONDS}, immutable` : 'no-store';
      reply.header('cache-control', value);
    },
  });
  app.get('/', (_, reply) => reply.sendFile('index.html'));
  app.get('/admin', (_, reply) => reply.sendFile('admin/index.html'));
  app.get('/admin/', (_, reply) => reply.sendFile('admin/index.html'));
}

async function registerApi(
  app: FastifyInstance,
  options: LocalApiOptions,
  cookies: PageCookies,
  staff: StaffSessions,
  names: () => { page: string; staff: string },
): Promise<void> {
  const signInLimit = new SignInLimit(options.clock);
  const createContext = ({ req, res }: { req: FastifyRequest; res: FastifyReply }): ApiContext => {
    const staffCookie = req.cookies[names().staff];
    const caller: Caller = {
      customer: cookies.isValid(req.cookies[names().page]),
      staff: staff.use(staffCookie),
    };
    return {
      caller,
      doors: options.doors,
      signInLimit,
      startStaffSession: (session) => {
        staff.end(staffCookie);
        setCookie(res, names().staff, staff.start(session));
      },
      endStaffSession: () => {
        staff.end(staffCookie);
        res.clearCookie(names().staff, { path: '/' });
      },
    };
  };
  const trpcOptions: FastifyTRPCPluginOptions<AppRouter>['trpcOptions'] = {
    router: appRouter,
    createContext,
    onError: ({ path, error }) => {
      // The cause may quote what a person typed; the code is enough.
      if (error.code === 'INTERNAL_SERVER_ERROR')
        options.log.error({ path, err: error.cause }, 'procedure failed');
      else options.log.info({ path, refusal: error.code }, 'procedure refused');
    },
  };
  await app.register(fastifyTRPCPlugin, { prefix: '/trpc', trpcOptions });
}

function setCookie(reply: FastifyReply, name: string, value: string): void {
  // No `secure`: the station speaks plain HTTP on loopback, and nowhere else.
  reply.setCookie(name, value, { path: '/', httpOnly: true, sameSite: 'strict' });
}
