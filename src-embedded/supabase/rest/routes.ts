/** Routes of `/rest/v1`: every request has an API key and a role before anything else happens. */
import type { FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import { type Keys, TokenError } from '../keys.ts';
import { ApiKeyError, authenticate } from '../request-auth.ts';
import { RestError } from './errors.ts';
import { callRpc } from './functions.ts';
import { RestRun } from './run.ts';
import { deleteFromTable, insertIntoTable, readTable, updateTable } from './tables.ts';

export interface RestOptions {
  keys: Keys;
  pool: Pool;
}

/** Fastify plugin; register it with the prefix `/rest/v1`. */
export async function restRoutes(app: FastifyInstance, { keys, pool }: RestOptions): Promise<void> {
  const run = new RestRun(pool);

  app.addHook('onRequest', async (request) => {
    run.setToken(request, await authenticate(request, keys));
  });

  app.setErrorHandler((error, request, reply) => {
    if (error instanceof RestError) {
      // Something was not found: the tables may have changed since the catalog was read.
      if (/^(42|PGRST20)/.test(error.body.code)) run.catalog.forget();
      return reply.code(error.status).send(error.body);
    }
    if (error instanceof ApiKeyError) {
      return reply.code(401).send({ message: error.message, hint: error.hint });
    }
    if (error instanceof TokenError) {
      const code = error.problem === 'expired' ? 'PGRST303' : 'PGRST301';
      const body = { code, message: error.message, details: null, hint: null };
      return reply.code(401).header('www-authenticate', 'Bearer error="invalid_token"').send(body);
    }
    const status = statusCodeOf(error);
    if (status >= 500) request.log.error({ err: error }, 'a REST request failed');
    const message =
      status >= 500 ? 'The embedded Supabase failed; see its log.' : String((error as Error).message);
    const code = status >= 500 ? 'XX000' : 'PGRST102';
    return reply.code(status).send({ code, message, details: null, hint: null });
  });

  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ code: 'PGRST125', message: 'Invalid path', details: request.method, hint: null }),
  );

  const table = (params: unknown) => (params as { name: string }).name;
  app.route({
    method: ['GET', 'HEAD', 'POST'],
    url: '/rpc/:name',
    handler: (request, reply) => callRpc(run, table(request.params), request, reply),
  });
  app.route({
    method: ['GET', 'HEAD'],
    url: '/:name',
    handler: (request, reply) => readTable(run, table(request.params), request, reply),
  });
  app.post('/:name', (request, reply) => insertIntoTable(run, table(request.params), request, reply));
  app.patch('/:name', (request, reply) => updateTable(run, table(request.params), request, reply));
  app.delete('/:name', (request, reply) => deleteFromTable(run, table(request.params), request, reply));
}

function statusCodeOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return status >= 400 && status < 600 ? status : 500;
}
