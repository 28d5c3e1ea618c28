/** Routes of `/auth/v1`, the part of GoTrue's API that the product uses through supabase-js. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isConnectionError } from '../database.ts';
import { TokenError } from '../keys.ts';
import { ApiKeyError, requireApiKey } from '../request-auth.ts';
import { changeAccount, showAccount, signOut } from './account.ts';
import { adminRoutes } from './admin.ts';
import { type AuthContext, requireToken } from './context.ts';
import { AuthError, sendAuthError, validationFailed } from './errors.ts';
import { refresh, sendCode, signInWithPassword, signUp, verifyCode } from './sign-in.ts';

/** What GET /settings tells a client that looks before it asks. */
const SETTINGS = {
  external: { anonymous_users: true, email: true, phone: false },
  disable_signup: false,
  mailer_autoconfirm: true,
  phone_autoconfirm: false,
  saml_enabled: false,
};

/** Open without an API key, as on Supabase. */
const OPEN_PATHS = ['/.well-known/jwks.json', '/health'];

/** Fastify plugin; register it with the prefix `/auth/v1`. */
export async function authRoutes(app: FastifyInstance, context: AuthContext): Promise<void> {
  app.addHook('onRequest', async (request) => {
    const path = request.routeOptions.url?.slice(app.prefix.length);
    if (path === undefined || !OPEN_PATHS.includes(path)) requireApiKey(request, context.keys);
  });

  app.setErrorHandler((error, request, reply) => {
    if (error instanceof ApiKeyError) {
      return reply.code(401).send({ message: error.message, hint: error.hint });
    }
    return sendAuthError(request, reply, authErrorFrom(error, request));
  });

  app.setNotFoundHandler((request, reply) =>
    sendAuthError(
      request,
      reply,
      new AuthError(404, 'validation_failed', `${request.method} is unknown here`),
    ),
  );

  app.get('/.well-known/jwks.json', (_request, reply) =>
    reply.header('cache-control', 'public, max-age=600').send(context.keys.jwks),
  );
  app.get('/health', () => ({
    name: 'MindBot embedded Auth',
    version: 'embedded',
    description: 'Stand-in for GoTrue',
  }));
  app.get('/settings', () => SETTINGS);

  app.post('/signup', (request) => signUp(context, bodyOf(request), agentOf(request)));
  app.post('/token', (request) => {
    const grant = (request.query as Record<string, unknown>)['grant_type'];
    if (grant === 'password') return signInWithPassword(context, bodyOf(request), agentOf(request));
    if (grant === 'refresh_token') return refresh(context, bodyOf(request));
    throw validationFailed(`The grant type "${String(grant)}" is not supported here`);
  });
  app.post('/otp', (request) => sendCode(context, bodyOf(request)));
  app.post('/verify', (request) => verifyCode(context, bodyOf(request), agentOf(request)));

  app.get('/user', async (request) => showAccount(context, await requireToken(context, request)));
  app.put('/user', async (request) =>
    changeAccount(context, await requireToken(context, request), bodyOf(request)),
  );
  app.post('/logout', async (request, reply) => {
    const scope = (request.query as Record<string, unknown>)['scope'];
    await signOut(context, await requireToken(context, request), scope);
    return reply.code(204).send();
  });

  adminRoutes(app, context, bodyOf);
}

/** The JSON of a request's body; undefined when it has none. @throws AuthError (400 bad_json) */
function bodyOf(request: FastifyRequest): unknown {
  if (typeof request.body !== 'string' || request.body === '') return undefined;
  try {
    return JSON.parse(request.body);
  } catch {
    throw new AuthError(400, 'bad_json', 'Could not parse request body as JSON');
  }
}

function agentOf(request: FastifyRequest): string | undefined {
  return request.headers['user-agent'];
}

function authErrorFrom(error: unknown, request: FastifyRequest): AuthError {
  if (error instanceof AuthError) return error;
  if (error instanceof TokenError) return new AuthError(403, 'bad_jwt', `invalid JWT: ${error.message}`);
  if (isConnectionError(error)) {
    return new AuthError(503, 'unexpected_failure', 'The database is not reachable');
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500 && error instanceof Error) {
    return new AuthError(status, 'validation_failed', error.message);
  }
  request.log.error({ err: error }, 'an Auth request failed');
  return new AuthError(500, 'unexpected_failure', 'Unexpected failure, please check the server log');
}
