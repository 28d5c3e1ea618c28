/**
 * The TypeScript of the database: rows of the tables and arguments and answers of the functions of the schema public,
 * read from the catalog of a migrated database, in the shape that `createClient<Database>` of supabase-js takes.
 * Promise: the same schema always gives the same text. What the database can't say stays open: jsonb is `Json`, and an
 * argument may be null only where its default is null.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectDir } from '../../src-main/paths.ts';

/** What this asks of a connection; a Client and a Pool of `pg` have it. */
interface Querying {
  query<Row extends object>(sql: string): Promise<{ rows: Row[] }>;
}

/** Where the types are kept. */
export const TYPES_FILE = join(projectDir(), 'src-shared', 'database-types.ts');

interface Column {
  table: string;
  name: string;
  type: string;
  isNullable: boolean;
  hasDefault: boolean;
  /** `generated always as identity`: nobody writes it. */
  isGenerated: boolean;
  /** The texts that a check constraint allows; null where there is none. */
  allowed: string[] | null;
}

interface Argument {
  name: string;
  type: string;
  hasDefault: boolean;
  isNullable: boolean;
}

interface DatabaseFunction {
  name: string;
  arguments: Argument[];
  returns: string;
  /** Columns of the answer of a function that returns a table. */
  columns: { name: string; type: string }[];
}

const COLUMNS = `
  select c.relname as "table", a.attname as name, format_type(a.atttypid, null) as type,
    not a.attnotnull as "isNullable", a.atthasdef or a.attidentity <> '' as "hasDefault",
    a.attidentity = 'a' as "isGenerated",
    (select array_agg(m.allowed[1] order by m.n) from pg_constraint as k,
       regexp_matches(pg_get_constraintdef(k.oid), '''([^'']*)''::text', 'g') with ordinality as m (allowed, n)
     where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]
       and pg_get_constraintdef(k.oid) ~ ('^CHECK \\(\\(' || a.attname || ' = ANY \\(ARRAY\\[')) as allowed
  from pg_class as c
  join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')
  order by c.relname, a.attname`;

const FUNCTIONS = `
  select p.proname as name, format_type(p.prorettype, null) as returns,
    coalesce((select jsonb_agg(jsonb_build_object('name', g.name, 'type', format_type(g.type, null),
        'hasDefault', g.n > p.pronargs - p.pronargdefaults,
        'isNullable', coalesce(d.texts[g.n - (p.pronargs - p.pronargdefaults)] like 'NULL%', false)) order by g.n)
      from unnest(p.proargtypes::oid[], p.proargnames[1:p.pronargs]) with ordinality as g (type, name, n)), '[]') as arguments,
    coalesce((select jsonb_agg(jsonb_build_object('name', g.name, 'type', format_type(g.type, null)) order by g.n)
      from unnest(p.proallargtypes, p.proargnames, p.proargmodes) with ordinality as g (type, name, mode, n)
      where g.mode = 't'), '[]') as columns
  from pg_proc as p
  -- Texts of the defaults, in the order of the arguments that have one.
  cross join lateral (select array(
    select m.text[1] from regexp_matches(pg_get_function_arguments(p.oid), ' DEFAULT ([^,]*)', 'g') as m (text)) as texts) as d
  where p.pronamespace = 'public'::regnamespace
  order by p.proname`;

/** How PostgREST writes a type as JSON. */
const JSON_TYPES: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  bigint: 'number',
  bytea: 'string',
  integer: 'number',
  jsonb: 'Json',
  text: 'string',
  'text[]': 'string[]',
  'timestamp with time zone': 'string',
  uuid: 'string',
  void: 'undefined',
};

/** The text of `src-shared/database-types.ts`. @throws Error for a type that has no line in JSON_TYPES */
export async function databaseTypes(database: Querying): Promise<string> {
  const { rows: columns } = await database.query<Column>(COLUMNS);
  const { rows: functions } = await database.query<DatabaseFunction>(FUNCTIONS);
  const tables = Map.groupBy(columns, ({ table }) => table);
  return formatted(`/**
 * Rows and functions of the database as TypeScript. Made from supabase/migrations by \`npm run types:database\`; never
 * edited by hand.
 */
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export interface Database {
  public: {
    Tables: {
      ${[...tables].map(([name, fields]) => `${name}: ${tableType(fields)}`).join('\n')}
    };
    Views: { [name in never]: never };
    Functions: {
      ${functions.map((one) => `${one.name}: ${functionType(one)}`).join('\n')}
    };
    Enums: { [name in never]: never };
    CompositeTypes: { [name in never]: never };
  };
}
`);
}

function tableType(columns: readonly Column[]): string {
  const written = columns.filter(({ isGenerated }) => !isGenerated);
  const typeOf = (column: Column) => `${columnType(column)}${column.isNullable ? ' | null' : ''}`;
  const isOptional = (column: Column) => column.hasDefault || column.isNullable;
  return `{
    Row: { ${columns.map((column) => `${column.name}: ${typeOf(column)}`).join(';')} };
    Insert: { ${written.map((column) => `${column.name}${isOptional(column) ? '?' : ''}: ${typeOf(column)}`).join(';')} };
    Update: { ${written.map((column) => `${column.name}?: ${typeOf(column)}`).join(';')} };
    Relationships: [];
  };`;
}

function columnType({ table, name, type, allowed }: Column): string {
  if (allowed) return allowed.map((text) => `'${text}'`).join(' | ');
  return jsonType(type, `${table}.${name}`);
}

function functionType(one: DatabaseFunction): string {
  const args = one.arguments.map(
    ({ name, type, hasDefault, isNullable }) =>
      `${name}${hasDefault ? '?' : ''}: ${argumentType(type, one.name)}${isNullable ? ' | null' : ''}`,
  );
  return `{
    Args: ${args.length > 0 ? `{ ${args.join(';')} }` : 'Record<never, never>'};
    Returns: ${answerType(one)};
  };`;
}

function answerType({ name, returns, columns }: DatabaseFunction): string {
  if (columns.length === 0) return jsonType(returns, name);
  return `{ ${columns.map((column) => `${column.name}: ${jsonType(column.type, name)}`).join(';')} }[]`;
}

/** What is sent as jsonb is a list or an object, of any interface: one has no index signature, so it is no `Json`. */
function argumentType(type: string, where: string): string {
  return type === 'jsonb' ? 'object' : jsonType(type, where);
}

function jsonType(type: string, where: string): string {
  const known = JSON_TYPES[type];
  if (!known)
    throw new Error(`${where}: add a line for the type ${type} to JSON_TYPES (${import.meta.url}).`);
  return known;
}

function formatted(text: string): string {
  const biome = join(projectDir(), 'node_modules', '.bin', 'biome');
  const result = spawnSync(biome, ['format', '--stdin-file-path=database-types.ts'], {
    cwd: projectDir(),
    input: text,
    encoding: 'utf8',
  });
  if (result.status !== 0) throw new Error(`The types could not be formatted: ${result.stderr}\n${text}`);
  return result.stdout;
}
