/**
 * Reads the JSON body of a write. The text itself goes to Postgres (a JavaScript number would lose digits of a bigint);
 * here it is only looked at: is it an object or a list of them, and which columns does it fill.
 */
import type { Column, Relation } from './catalog.ts';
import { RestError } from './errors.ts';
import type { WriteBody } from './sql.ts';

/** Most rows in one insert. */
const MAX_BODY_ROWS = 5_000;

function invalid(message: string): RestError {
  return new RestError(400, 'PGRST102', message);
}

/** Parses `text` as JSON. @throws RestError */
function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    throw invalid('Empty or invalid json');
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The arguments of a function call: the names in a JSON object. */
export function parseArguments(text: string | undefined): string[] {
  const value = parseJson(text);
  if (!isObject(value)) throw invalid('The body of a function call must be a JSON object of its arguments');
  return Object.keys(value);
}

/**
 * Rows to insert.
 * @param columns the `columns` parameter: which columns to fill, others in the body are ignored
 * @param missingDefault the client wants defaults, not nulls, where a row lacks a column
 */
export function parseRows(
  text: string | undefined,
  relation: Relation,
  columns: readonly string[] | undefined,
  missingDefault: boolean,
): WriteBody & { count: number } {
  const value = parseJson(text);
  const rows = Array.isArray(value) ? value : [value];
  if (!rows.every(isObject)) throw invalid('The body must be a JSON object or a list of JSON objects');
  if (rows.length > MAX_BODY_ROWS) throw invalid(`At most ${MAX_BODY_ROWS} rows can be written at once`);
  const names = columns ?? Object.keys(rows[0] ?? {});
  const uniform = rows.every((row) => names.every((name) => Object.hasOwn(row, name)));
  const sameKeys = uniform && rows.every((row) => Object.keys(row).length === names.length);
  if (columns === undefined && !sameKeys) throw invalid('All object keys must match');
  if (missingDefault && !uniform) {
    throw invalid('missing=default is supported here only when every row has every column');
  }
  return {
    rows: Array.isArray(value) ? (text ?? '') : `[${text}]`,
    columns: names.map((name) => columnOf(relation, name)),
    count: rows.length,
  };
}

/** The changes of an update: one JSON object. */
export function parseChanges(text: string | undefined, relation: Relation): WriteBody {
  const value = parseJson(text);
  if (!isObject(value)) throw invalid('The body of an update must be a JSON object');
  const columns = Object.keys(value).map((name) => columnOf(relation, name));
  if (columns.length === 0) throw invalid('An update must change at least one column');
  return { rows: `[${text}]`, columns };
}

function columnOf(relation: Relation, name: string): Column {
  const column = relation.columns.find((candidate) => candidate.name === name);
  if (column) return column;
  throw new RestError(
    400,
    'PGRST204',
    `Could not find the '${name}' column of '${relation.name}' in the schema cache`,
  );
}
