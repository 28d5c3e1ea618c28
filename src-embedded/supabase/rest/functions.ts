/** `/rest/v1/rpc/<function>`: calls with named arguments; GET runs read only. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bodyOf, contentRange, readStatus, sendJson } from './answer.ts';
import { parseArguments } from './body.ts';
import type { DatabaseFunction } from './catalog.ts';
import { RestError, unsupported } from './errors.ts';
import { parsePrefer, requirePublicSchema, wantsObject } from './preferences.ts';
import { parseTableQuery } from './query.ts';
import type { Execute, RestRun } from './run.ts';
import { callFunction } from './sql.ts';

const RESERVED = new Set(['select', 'order', 'limit', 'offset', 'columns', 'on_conflict']);

/** POST, GET and HEAD. */
export async function callRpc(
  run: RestRun,
  name: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const reading = request.method !== 'POST';
  requirePublicSchema(request.headers[reading ? 'accept-profile' : 'content-profile']);
  const prefer = parsePrefer(String(request.headers['prefer'] ?? ''));
  const single = wantsObject(request.headers.accept);
  const params = run.searchParams(request);
  const body = reading ? undefined : run.bodyText(request);
  const bodyArguments = reading ? undefined : parseArguments(body);
  const fn = await findFunction(run, name, bodyArguments, params);
  const given = bodyArguments ?? fn.args.map((arg) => arg.name).filter((arg) => params.has(arg));
  const args = body ?? argumentsFrom(params, given);
  const query = parseTableQuery(withoutNames(params, bodyArguments ? [] : given), name, fn.columns);
  if (query.columns || query.onConflict) throw unsupported('columns or on_conflict on a function call');
  const shaped = query.select || query.filters.length || query.order.length;
  const paged = query.limit !== undefined || query.offset !== undefined;
  if ((shaped || paged || prefer.countExact) && !(fn.result === 'row' && fn.returnsSet)) {
    throw unsupported('Filters, order, pages or a count on a function that returns no table');
  }
  if (request.headers.range !== undefined) throw unsupported('A Range on a function call');
  const statement = callFunction(fn, args, given, reading, query, prefer.countExact);
  const offset = query.offset ?? 0;
  const work = async (execute: Execute) => {
    const answer = await execute(statement);
    const status = answer.status ?? readStatus(offset, answer.count, answer.total);
    return { answer, status, body: fn.returnsSet ? bodyOf(answer, single) : answer.body };
  };
  // Of a set, one row may be asked for: another number of them undoes the call.
  const result = await run.transaction(request, reading, work, !fn.returnsSet);
  if (fn.result === 'void') return reply.code(204).send();
  const { answer, status } = result;
  if (fn.returnsSet) reply.header('content-range', contentRange(offset, answer.count, answer.total));
  return sendJson(reply, status, result.body, single);
}

/** The one function of this name that takes these arguments. */
async function findFunction(
  run: RestRun,
  name: string,
  bodyArguments: readonly string[] | undefined,
  params: URLSearchParams,
): Promise<DatabaseFunction> {
  const given = bodyArguments ?? [...new Set(params.keys())].filter((key) => !RESERVED.has(key));
  const candidates = await run.catalog.find(({ functions }) => {
    const fitting = (functions.get(name) ?? []).filter((fn) => fits(fn, given, bodyArguments !== undefined));
    return fitting.length > 0 ? fitting : undefined;
  });
  const [fn, ...others] = candidates ?? [];
  if (!fn) {
    const list = given.length > 0 ? `(${given.join(', ')})` : ' without parameters';
    throw new RestError(
      404,
      'PGRST202',
      `Could not find the function public.${name}${list} in the schema cache`,
    );
  }
  if (others.length > 0) {
    throw new RestError(300, 'PGRST203', `Could not choose between the functions named ${name}`);
  }
  return fn;
}

/** Every required argument is given; in a body there may be nothing else, in a query the rest are filters. */
function fits(fn: DatabaseFunction, given: readonly string[], exactly: boolean): boolean {
  const complete = fn.args.every((arg) => !arg.required || given.includes(arg.name));
  return complete && (!exactly || given.every((name) => fn.args.some((arg) => arg.name === name)));
}

function argumentsFrom(params: URLSearchParams, names: readonly string[]): string {
  for (const name of names) if (params.getAll(name).length > 1) throw unsupported(`A repeated ${name}`);
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, params.get(name)])));
}

function withoutNames(params: URLSearchParams, names: readonly string[]): URLSearchParams {
  return new URLSearchParams([...params].filter(([key]) => !names.includes(key)));
}
