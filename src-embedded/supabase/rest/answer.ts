/** What a statement's result looks like on the wire: status, Content-Range, one object or a list. */
import type { FastifyReply } from 'fastify';
import { RestError } from './errors.ts';
import type { StatementAnswer } from './sql.ts';

/** `0-9/57`, `*` where nothing is there or nothing was counted. */
export function contentRange(offset: number, count: number, total: number | null): string {
  const range = count > 0 ? `${offset}-${offset + count - 1}` : '*';
  return `${range}/${total ?? '*'}`;
}

/** Status of a list that may be a part of more. @throws RestError when it begins behind the end */
export function readStatus(offset: number, count: number, total: number | null): number {
  if (total === null) return 200;
  if (offset > total) {
    const details = `An offset of ${offset} was requested, but there are only ${total} rows.`;
    throw new RestError(416, 'PGRST103', 'Requested range not satisfiable', details);
  }
  return count < total ? 206 : 200;
}

/**
 * The body to send: the list, or its only row when `single`.
 * @throws RestError (406) when a single object was asked for and there is not exactly one; thrown inside the
 * transaction it undoes a write, as PostgREST does.
 */
export function bodyOf(answer: StatementAnswer, single: boolean): string | null {
  if (!single) return answer.body;
  if (answer.count !== 1) {
    throw new RestError(
      406,
      'PGRST116',
      'Cannot coerce the result to a single JSON object',
      `The result contains ${answer.count} rows`,
    );
  }
  // json_agg of one row is that row between brackets: Postgres' own text of it is kept.
  return answer.body?.trim().slice(1, -1) ?? null;
}

/** Sends `body` as JSON; a HEAD request gets the headers only. */
export function sendJson(
  reply: FastifyReply,
  status: number,
  body: string | null,
  single: boolean,
): FastifyReply {
  const type = single ? 'application/vnd.pgrst.object+json' : 'application/json';
  return reply
    .code(status)
    .header('content-type', `${type}; charset=utf-8`)
    .send(body ?? 'null');
}
