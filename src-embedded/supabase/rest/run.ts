/** What every REST handler needs: the catalog, the request's parts, and a transaction under the caller's role. */
import type { FastifyRequest } from 'fastify';
import type { Pool, PoolClient } from 'pg';
import { asRequest } from '../database.ts';
import type { VerifiedToken } from '../keys.ts';
import { CatalogCache } from './catalog.ts';
import { restErrorFrom } from './errors.ts';
import type { Statement, StatementAnswer } from './sql.ts';

export type Execute = (statement: Statement) => Promise<StatementAnswer>;

export class RestRun {
  readonly catalog: CatalogCache;
  readonly #pool: Pool;
  readonly #tokens = new WeakMap<FastifyRequest, VerifiedToken>();

  constructor(pool: Pool) {
    this.#pool = pool;
    this.catalog = new CatalogCache(pool);
  }

  /** Remembers who a request comes from. */
  setToken(request: FastifyRequest, token: VerifiedToken): void {
    this.#tokens.set(request, token);
  }

  token(request: FastifyRequest): VerifiedToken {
    const token = this.#tokens.get(request);
    if (!token) throw new Error('a request came through without a token');
    return token;
  }

  searchParams(request: FastifyRequest): URLSearchParams {
    return new URL(request.raw.url ?? '/', 'http://loopback').searchParams;
  }

  bodyText(request: FastifyRequest): string | undefined {
    return typeof request.body === 'string' ? request.body : undefined;
  }

  /** One transaction; what a statement throws becomes a RestError. `isOneStatement`: see asRequest. */
  async transaction<T>(
    request: FastifyRequest,
    readOnly: boolean,
    work: (execute: Execute) => Promise<T>,
    isOneStatement = false,
  ): Promise<T> {
    const token = this.token(request);
    try {
      const inside = (client: PoolClient) =>
        work(async ({ text, values }) => {
          const { rows } = await client.query<StatementAnswer>(text, values);
          const answer = rows[0];
          if (!answer) return { body: null, count: 0, total: null };
          // bigint comes as text; the numbers of rows here are far below 2^53.
          return { ...answer, total: answer.total === null ? null : Number(answer.total) };
        });
      return await asRequest(this.#pool, token, readOnly, inside, isOneStatement);
    } catch (error) {
      throw restErrorFrom(error, token.role);
    }
  }
}
