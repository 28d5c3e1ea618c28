/**
 * Reads the query string of a REST request: which columns, which rows, in which order. Promise: a parameter that is not
 * understood is an error, for a filter that is skipped would show or change rows it was meant to spare.
 */
import type { Column } from './catalog.ts';
import { RestError, unsupported } from './errors.ts';

export type Operator = 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'is';

export interface Filter {
  column: string;
  negated: boolean;
  operator: Operator;
  /** Text as sent; a list for `in`. */
  value: string | string[];
}

export interface Order {
  column: string;
  descending: boolean;
  nulls: 'first' | 'last' | undefined;
}

export interface TableQuery {
  /** Undefined: all columns. */
  select: string[] | undefined;
  filters: Filter[];
  order: Order[];
  limit: number | undefined;
  offset: number | undefined;
  /** Columns of a bulk insert. */
  columns: string[] | undefined;
  onConflict: string[] | undefined;
}

const OPERATORS: readonly string[] = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'in', 'is'];
const IS_VALUES = ['null', 'not_null', 'true', 'false', 'unknown'];
const ONCE = new Set(['select', 'order', 'limit', 'offset', 'columns', 'on_conflict']);

/**
 * Parses `params` against the columns that exist.
 * @param table name for messages
 * @throws RestError
 */
export function parseTableQuery(
  params: URLSearchParams,
  table: string,
  columns: readonly Column[],
): TableQuery {
  const known = new Set(columns.map(({ name }) => name));
  const check = (name: string) => {
    if (known.has(name)) return name;
    throw new RestError(400, '42703', `column ${table}.${name} does not exist`);
  };
  const query: TableQuery = {
    select: undefined,
    filters: [],
    order: [],
    limit: undefined,
    offset: undefined,
    columns: undefined,
    onConflict: undefined,
  };
  for (const [key, value] of params) {
    if (ONCE.has(key) && params.getAll(key).length > 1) throw unsupported(`A repeated ${key}`);
    if (key === 'select') query.select = parseSelect(value)?.map(check);
    else if (key === 'order') query.order = parseOrder(value).map((o) => ({ ...o, column: check(o.column) }));
    else if (key === 'limit') query.limit = parseCount('limit', value);
    else if (key === 'offset') query.offset = parseCount('offset', value);
    else if (key === 'columns') query.columns = parseNames(value);
    else if (key === 'on_conflict') query.onConflict = parseNames(value).map(check);
    else if (/^(not\.)?(and|or)$/.test(key)) throw unsupported(`Combining filters with "${key}"`);
    else if (key.includes('.')) throw unsupported(`The parameter "${key}" on an embedded resource`);
    else query.filters.push(parseFilter(check(key), value));
  }
  return query;
}

/** Column names of `select`; undefined for all. Embedding, renaming, casting and paths are refused. */
export function parseSelect(text: string): string[] | undefined {
  if (text === '' || text === '*') return undefined;
  if (text.includes('(')) throw unsupported('Embedding other tables in select');
  if (/[:]|->/.test(text) && !text.includes('"'))
    throw unsupported('Renaming, casting or JSON paths in select');
  const names = parseNames(text);
  if (names.includes('*')) throw unsupported('"*" beside other columns in select');
  return names;
}

/** `a,"b c"` → names. */
export function parseNames(text: string): string[] {
  const names = splitList(text);
  if (names.length === 0 || names.some((name) => name === '')) {
    throw new RestError(400, 'PGRST100', `failed to parse the list of columns (${text})`);
  }
  return names;
}

function parseOrder(text: string): Order[] {
  return text.split(',').map((term) => {
    const [, column, direction, nulls] =
      /^([^.()>:]+)(?:\.(asc|desc))?(?:\.(nullsfirst|nullslast))?$/.exec(term) ?? [];
    if (!column) throw new RestError(400, 'PGRST100', `failed to parse order (${text})`);
    return {
      column: column.replace(/^"(.*)"$/, '$1'),
      descending: direction === 'desc',
      nulls: nulls === 'nullsfirst' ? 'first' : nulls === 'nullslast' ? 'last' : undefined,
    };
  });
}

function parseCount(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new RestError(400, 'PGRST100', `failed to parse ${name} (${text})`);
  return Number(text);
}

/** `eq.5`, `not.is.null`, `in.(a,"b,c")`. */
export function parseFilter(column: string, text: string): Filter {
  const [, not, operator, value] = /^(not\.)?([a-z_]+)\.(.*)$/s.exec(text) ?? [];
  if (operator === undefined || value === undefined) {
    throw new RestError(400, 'PGRST100', `failed to parse filter (${text})`);
  }
  if (!OPERATORS.includes(operator)) throw unsupported(`The operator "${operator}"`);
  const filter = { column, negated: not !== undefined, operator: operator as Operator };
  if (operator === 'in') {
    if (!value.startsWith('(') || !value.endsWith(')')) {
      throw new RestError(400, 'PGRST100', `failed to parse filter (${text})`);
    }
    return { ...filter, value: splitList(value.slice(1, -1)) };
  }
  if (operator === 'is' && !IS_VALUES.includes(value.toLowerCase())) {
    throw new RestError(400, 'PGRST100', `failed to parse filter (${text})`);
  }
  return { ...filter, value: operator === 'is' ? value.toLowerCase() : value };
}

/** Splits at commas outside double quotes; inside them a backslash takes the next character as it is. */
function splitList(text: string): string[] {
  if (text === '') return [];
  const items: string[] = [];
  let item = '';
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (quoted && character === '\\') {
      index += 1;
      item += text.charAt(index);
    } else if (character === '"' && (quoted || item === '')) {
      quoted = !quoted;
    } else if (character === ',' && !quoted) {
      items.push(item);
      item = '';
    } else {
      item += character;
    }
  }
  if (quoted)
    throw new RestError(400, 'PGRST100', `failed to parse the list (${text}): a quote is not closed`);
  return [...items, item];
}
