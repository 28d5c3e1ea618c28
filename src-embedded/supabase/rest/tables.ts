/** `/rest/v1/<table>`: read, insert, upsert, update and delete, each in one transaction under the caller's role. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bodyOf, contentRange, readStatus, sendJson } from './answer.ts';
import { parseChanges, parseRows } from './body.ts';
import type { Relation } from './catalog.ts';
import { RestError, unsupported } from './errors.ts';
import {
  type Preferences,
  parsePrefer,
  parseRange,
  requirePublicSchema,
  wantsObject,
} from './preferences.ts';
import { parseTableQuery, type TableQuery } from './query.ts';
import type { RestRun } from './run.ts';
import { deleteRows, insertRows, type Statement, selectRows, updateRows } from './sql.ts';

interface TableRequest {
  relation: Relation;
  query: TableQuery;
  prefer: Preferences;
  single: boolean;
}

/** GET and HEAD. */
export async function readTable(
  run: RestRun,
  table: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  requirePublicSchema(request.headers['accept-profile']);
  const { relation, query, prefer, single } = await understand(run, table, request);
  refuse(query, ['columns', 'onConflict']);
  const paged = withRange(query, request.headers.range);
  const statement = selectRows(relation, paged, prefer.countExact);
  const offset = paged.offset ?? 0;
  const result = await run.transaction(request, true, async (execute) => {
    const answer = await execute(statement);
    const status = readStatus(offset, answer.count, answer.total);
    return { answer, status, body: bodyOf(answer, single) };
  });
  const { answer, status, body } = result;
  reply.header('content-range', contentRange(offset, answer.count, answer.total));
  return sendJson(reply, status, body, single);
}

/** POST: insert or upsert. */
export async function insertIntoTable(
  run: RestRun,
  table: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const parts = await understandWrite(run, table, request);
  const { relation, query, prefer } = parts;
  if (query.filters.length > 0) throw unsupported('A filter on an insert');
  const rows = parseRows(run.bodyText(request), relation, query.columns, prefer.missingDefault);
  if (query.onConflict && !prefer.resolution) throw unsupported('on_conflict without Prefer: resolution');
  // `[]` adds nothing; without columns the statement would add a row of defaults.
  if (rows.count === 0) return answerWrite(parts, { body: '[]', count: 0, total: null }, 201, reply);
  if (rows.columns.length === 0 && rows.count > 1) throw unsupported('Several rows without a column');
  const returning = prefer.returning === 'representation';
  const statement = insertRows(relation, rows, query, prefer.resolution, returning);
  return write(run, parts, statement, 201, request, reply);
}

/** PATCH. */
export async function updateTable(
  run: RestRun,
  table: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const parts = await understandWrite(run, table, request);
  const { relation, query, prefer } = parts;
  refuse(query, ['columns', 'onConflict']);
  requireFilter(query, 'UPDATE');
  const changes = parseChanges(run.bodyText(request), relation);
  const statement = updateRows(relation, changes, query, prefer.returning === 'representation');
  return write(run, parts, statement, 200, request, reply);
}

/** DELETE. */
export async function deleteFromTable(
  run: RestRun,
  table: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const parts = await understandWrite(run, table, request);
  const { relation, query, prefer } = parts;
  refuse(query, ['columns', 'onConflict']);
  requireFilter(query, 'DELETE');
  const statement = deleteRows(relation, query, prefer.returning === 'representation');
  return write(run, parts, statement, 200, request, reply);
}

async function understand(run: RestRun, table: string, request: FastifyRequest): Promise<TableRequest> {
  const prefer = parsePrefer(headerText(request.headers['prefer']));
  const single = wantsObject(request.headers.accept);
  const relation = await run.catalog.find(({ relations }) => relations.get(table));
  if (!relation) {
    throw new RestError(404, 'PGRST205', `Could not find the table 'public.${table}' in the schema cache`);
  }
  const parse = (known: Relation) => parseTableQuery(run.searchParams(request), table, known.columns);
  return { relation, query: parse(relation), prefer, single };
}

async function understandWrite(run: RestRun, table: string, request: FastifyRequest): Promise<TableRequest> {
  requirePublicSchema(request.headers['content-profile']);
  const parts = await understand(run, table, request);
  if (parts.query.limit !== undefined || parts.query.offset !== undefined || parts.query.order.length > 0) {
    throw unsupported('limit, offset or order on a write');
  }
  if (request.headers.range !== undefined) throw unsupported('A Range on a write');
  return parts;
}

async function write(
  run: RestRun,
  parts: TableRequest,
  statement: Statement,
  status: number,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const returning = parts.prefer.returning === 'representation';
  const answer = await run.transaction(request, false, async (execute) => {
    const result = await execute(statement);
    return { ...result, body: returning ? bodyOf(result, parts.single) : null };
  });
  return answerWrite(parts, answer, status, reply);
}

function answerWrite(
  { prefer, single }: TableRequest,
  answer: { body: string | null; count: number; total: number | null },
  status: number,
  reply: FastifyReply,
): FastifyReply {
  reply.header('content-range', `*/${prefer.countExact ? answer.count : '*'}`);
  if (prefer.returning === 'representation') return sendJson(reply, status, answer.body, single);
  return reply.code(status === 200 ? 204 : status).send();
}

function withRange(query: TableQuery, header: string | undefined): TableQuery {
  const range = parseRange(header);
  if (!range) return query;
  if (query.limit !== undefined || query.offset !== undefined) {
    throw unsupported('A Range beside limit or offset');
  }
  return { ...query, ...range };
}

/** As on Supabase, where the safeupdate extension refuses a change of a whole table. */
function requireFilter(query: TableQuery, statement: 'UPDATE' | 'DELETE'): void {
  if (query.filters.length === 0) throw new RestError(400, '21000', `${statement} requires a WHERE clause`);
}

function refuse(query: TableQuery, names: readonly ('columns' | 'onConflict')[]): void {
  for (const name of names) if (query[name]) throw unsupported(`${name} here`);
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}
