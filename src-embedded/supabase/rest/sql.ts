/**
 * Builds the statements. Promise: identifiers and types come from the catalog and are quoted, every value that a client
 * sent is a parameter. Each statement answers one row: `body` (JSON as Postgres writes it, so that no number loses
 * digits on its way), `count` (rows in the body or changed) and `total` (rows without limit, when asked for).
 */
import { escapeIdentifier } from 'pg';
import type { Column, DatabaseFunction, Relation } from './catalog.ts';
import { RestError } from './errors.ts';
import type { Filter, TableQuery } from './query.ts';

export interface Statement {
  text: string;
  values: unknown[];
}

export interface StatementAnswer {
  body: string | null;
  count: number;
  total: number | null;
  /** HTTP status that a function chose through `response.status`, as PostgREST lets it. */
  status?: number | null;
}

/** Most rows in one answer, as on Supabase (`max_rows`). */
export const MAX_ROWS = 1_000;

/** Body of a request for writing: the JSON text as sent, and the columns it fills. */
export interface WriteBody {
  /** Text of a JSON array of objects. */
  rows: string;
  columns: Column[];
}

const COMPARISONS = { eq: '=', neq: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

const quote = escapeIdentifier;
const tableName = (name: string) => `"public".${quote(name)}`;
const nameList = (names: readonly string[], prefix = '') =>
  names.map((name) => prefix + quote(name)).join(', ');
const recordType = (columns: readonly Column[]) =>
  columns.map(({ name, type }) => `${quote(name)} ${type}`).join(', ');

/** SELECT over a table or view. */
export function selectRows(relation: Relation, query: TableQuery, withTotal: boolean): Statement {
  const parameters = new Parameters();
  const from = `${tableName(relation.name)} as t`;
  return readStatement(parameters, from, query, withTotal);
}

/** INSERT, with what shall happen to rows that are there already. */
export function insertRows(
  relation: Relation,
  body: WriteBody,
  query: TableQuery,
  resolution: 'merge' | 'ignore' | undefined,
  returning: boolean,
): Statement {
  const parameters = new Parameters();
  const names = body.columns.map(({ name }) => name);
  const source =
    names.length === 0
      ? 'default values'
      : `(${nameList(names)}) select ${nameList(names)} from json_to_recordset(${parameters.add(body.rows)}::json) as s (${recordType(body.columns)})`;
  const insert = `insert into ${tableName(relation.name)} as t ${source}`;
  const conflict = resolution ? ` ${onConflict(relation, names, query.onConflict, resolution)}` : '';
  return writeStatement(parameters, insert + conflict, query, returning);
}

/** UPDATE of the filtered rows with the one row of `body`. */
export function updateRows(
  relation: Relation,
  body: WriteBody,
  query: TableQuery,
  returning: boolean,
): Statement {
  const parameters = new Parameters();
  const set = body.columns.map(({ name }) => `${quote(name)} = s.${quote(name)}`).join(', ');
  const from = `json_to_recordset(${parameters.add(body.rows)}::json) as s (${recordType(body.columns)})`;
  const where = whereClause(parameters, query.filters);
  const update = `update ${tableName(relation.name)} as t set ${set} from ${from}${where}`;
  return writeStatement(parameters, update, query, returning);
}

/** DELETE of the filtered rows. */
export function deleteRows(relation: Relation, query: TableQuery, returning: boolean): Statement {
  const parameters = new Parameters();
  const where = whereClause(parameters, query.filters);
  return writeStatement(parameters, `delete from ${tableName(relation.name)} as t${where}`, query, returning);
}

/**
 * A function call with named arguments.
 * @param args JSON object of the arguments as text
 * @param given names that `args` holds
 * @param asText true when the values are text to be cast (GET), false when they are JSON values (POST)
 */
export function callFunction(
  fn: DatabaseFunction,
  args: string,
  given: readonly string[],
  asText: boolean,
  query: TableQuery,
  withTotal: boolean,
): Statement {
  const parameters = new Parameters();
  const passed = fn.args.filter(({ name }) => given.includes(name));
  const record = recordType(asText ? passed.map(({ name }) => ({ name, type: 'text' })) : passed);
  const named = passed.map(({ name, type }) => {
    const value = `a.${quote(name)}`;
    return `${quote(name)} := ${asText ? `${value}::${type}` : value}`;
  });
  const source = passed.length > 0 ? `json_to_record(${parameters.add(args)}::json) as a (${record}), ` : '';
  const call = `${tableName(fn.name)}(${named.join(', ')})`;
  if (fn.result === 'row') {
    const statement = readStatement(parameters, `${source}lateral ${call} as t`, query, withTotal);
    if (fn.returnsSet) return statement;
    return {
      ...statement,
      text: `select r.body::json ->> 0 as body, r.count, r.total from (${statement.text}) r`,
    };
  }
  if (fn.result === 'void') {
    const text = `select null::text as body, 1 as count, null::bigint as total from ${source}lateral ${call} as t`;
    return { text, values: parameters.values };
  }
  const [body, count] = fn.returnsSet
    ? [`coalesce(json_agg(t.value), '[]')`, 'count(*)::int']
    : ['to_json(t.value)', '1'];
  const text = `select ${body}::text as body, ${count} as count, null::bigint as total,
    nullif(current_setting('response.status', true), '')::int as status
    from ${source}lateral ${call} as t (value)`;
  return { text, values: parameters.values };
}

function readStatement(
  parameters: Parameters,
  from: string,
  query: TableQuery,
  withTotal: boolean,
): Statement {
  const where = whereClause(parameters, query.filters);
  const limit = Math.min(query.limit ?? MAX_ROWS, MAX_ROWS);
  const page = `${orderClause(query)} limit ${parameters.add(limit)} offset ${parameters.add(query.offset ?? 0)}`;
  const columns = query.select ? nameList(query.select, 't.') : 't.*';
  const total = withTotal ? `(select count(*) from (select 1 from ${from}${where}) c)` : 'null::bigint';
  const text = `select coalesce(json_agg(row_to_json(p)), '[]')::text as body, count(*)::int as count, ${total} as total
    from (select ${columns} from ${from}${where}${page}) p`;
  return { text, values: parameters.values };
}

function writeStatement(
  parameters: Parameters,
  statement: string,
  query: TableQuery,
  returning: boolean,
): Statement {
  // RETURNING needs the right to read, so nothing is returned unless it was asked for.
  const columns = returning ? (query.select ? nameList(query.select, 't.') : 't.*') : '1';
  const body = returning ? `coalesce(json_agg(row_to_json(w)), '[]')::text` : 'null::text';
  const text = `with w as (${statement} returning ${columns})
    select ${body} as body, count(*)::int as count, null::bigint as total from w`;
  return { text, values: parameters.values };
}

function whereClause(parameters: Parameters, filters: readonly Filter[]): string {
  if (filters.length === 0) return '';
  return ` where ${filters.map((filter) => condition(parameters, filter)).join(' and ')}`;
}

function condition(parameters: Parameters, filter: Filter): string {
  const column = `t.${quote(filter.column)}`;
  const positive = comparison(parameters, column, filter);
  return filter.negated ? `not (${positive})` : positive;
}

function comparison(parameters: Parameters, column: string, { operator, value }: Filter): string {
  if (operator === 'in') return `${column} = any (${parameters.add(value)})`;
  // The words after `is` were checked against a list when the filter was parsed.
  if (operator === 'is') return `${column} is ${value === 'not_null' ? 'not null' : String(value)}`;
  return `${column} ${COMPARISONS[operator]} ${parameters.add(value)}`;
}

function orderClause({ order }: TableQuery): string {
  if (order.length === 0) return '';
  const terms = order.map(({ column, descending, nulls }) => {
    const direction = descending ? 'desc' : 'asc';
    return `t.${quote(column)} ${direction}${nulls ? ` nulls ${nulls}` : ''}`;
  });
  return ` order by ${terms.join(', ')}`;
}

function onConflict(
  relation: Relation,
  names: readonly string[],
  target: readonly string[] | undefined,
  resolution: 'merge' | 'ignore',
): string {
  const columns = target ?? relation.primaryKey;
  if (columns.length === 0) {
    throw new RestError(
      400,
      'PGRST100',
      `${relation.name} has no primary key: name the columns of on_conflict`,
    );
  }
  const where = `on conflict (${nameList(columns)})`;
  if (resolution === 'ignore') return `${where} do nothing`;
  const set = names.map((name) => `${quote(name)} = excluded.${quote(name)}`).join(', ');
  return set === '' ? `${where} do nothing` : `${where} do update set ${set}`;
}
