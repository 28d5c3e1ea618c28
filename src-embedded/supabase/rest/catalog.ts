/**
 * What the API exposes: the relations and functions of the schema `public`, read from Postgres' own catalog. Every
 * identifier that gets into a statement comes from here, never from a request.
 */
import type { Pool } from 'pg';
import { inTransaction } from '../database.ts';

export interface Column {
  name: string;
  /** Schema-qualified type as SQL text. */
  type: string;
}

export interface Relation {
  name: string;
  columns: Column[];
  primaryKey: string[];
}

export interface FunctionArgument extends Column {
  required: boolean;
}

export interface DatabaseFunction {
  name: string;
  /** Input arguments; a function with an unnamed or variadic one is not exposed. */
  args: FunctionArgument[];
  /** `row`: columns are known. `scalar`: one value. `void`: nothing. */
  result: 'row' | 'scalar' | 'void';
  returnsSet: boolean;
  columns: Column[];
}

export interface Catalog {
  relations: ReadonlyMap<string, Relation>;
  functions: ReadonlyMap<string, readonly DatabaseFunction[]>;
}

/** Keeps the catalog in memory and reads it again when something is not found in it or a statement says it's stale. */
export class CatalogCache {
  readonly #pool: Pool;
  #catalog: Promise<Catalog> | undefined;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The first thing that `find` finds; when it finds nothing, the catalog is read afresh once. */
  async find<T>(find: (catalog: Catalog) => T | undefined): Promise<T | undefined> {
    const cached = this.#catalog;
    if (cached) {
      const found = find(await cached);
      if (found !== undefined) return found;
    }
    return find(await this.#read());
  }

  forget(): void {
    this.#catalog = undefined;
  }

  #read(): Promise<Catalog> {
    const reading = readCatalog(this.#pool);
    this.#catalog = reading;
    reading.catch(() => {
      if (this.#catalog === reading) this.#catalog = undefined;
    });
    return reading;
  }
}

const RELATIONS = `
  select c.relname as name,
    (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, null)) order by a.attnum)
       from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
    coalesce((select json_agg(a.attname order by k.n)
       from pg_constraint p, unnest(p.conkey) with ordinality as k (attnum, n), pg_attribute a
       where p.conrelid = c.oid and p.contype = 'p' and a.attrelid = c.oid and a.attnum = k.attnum), '[]') as "primaryKey"
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')`;

const FUNCTIONS = `
  select p.proname as name, p.proretset as "returnsSet", p.pronargs as "inputCount",
    p.pronargdefaults as "defaultCount", coalesce(p.proargnames, '{}') as names, p.proargmodes::text[] as modes,
    (select array_agg(format_type(t.oid, null) order by t.n)
       from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality as t (oid, n)) as types,
    r.typname as "returnType", r.typtype as "returnKind",
    (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, null)) order by a.attnum)
       from pg_attribute a where a.attrelid = r.typrelid and r.typrelid <> 0 and a.attnum > 0 and not a.attisdropped)
      as "rowColumns"
  from pg_proc p join pg_type r on r.oid = p.prorettype
  where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' and p.provariadic = 0
    and r.typname not in ('trigger', 'event_trigger', 'internal', 'language_handler')`;

/** A row of FUNCTIONS. */
export interface FunctionRow {
  name: string;
  returnsSet: boolean;
  inputCount: number;
  defaultCount: number;
  names: string[];
  /** Null when all arguments are inputs. */
  modes: string[] | null;
  types: string[] | null;
  returnType: string;
  returnKind: string;
  rowColumns: Column[] | null;
}

async function readCatalog(pool: Pool): Promise<Catalog> {
  return inTransaction(
    pool,
    async (client) => {
      // With an empty path format_type writes every type that is not built in with its schema.
      await client.query(`set local search_path = ''`);
      const relations = await client.query<Relation>(RELATIONS);
      const functions = await client.query<FunctionRow>(FUNCTIONS);
      return {
        relations: new Map(relations.rows.map((row) => [row.name, { ...row, columns: row.columns ?? [] }])),
        functions: Map.groupBy(
          functions.rows.map(describeFunction).filter((fn) => fn !== undefined),
          (fn) => fn.name,
        ),
      };
    },
    'begin read only',
  );
}

/** Makes sense of a catalog row; undefined for a function that can't be called with named arguments. */
export function describeFunction(row: FunctionRow): DatabaseFunction | undefined {
  const types = row.types ?? [];
  const all = types.map((type, index) => ({
    name: row.names[index] ?? '',
    type,
    mode: row.modes?.[index] ?? 'i',
  }));
  const inputs = all.filter(({ mode }) => mode === 'i' || mode === 'b');
  if (inputs.some(({ name }) => name === '') || inputs.length !== row.inputCount) return undefined;
  const outputs = all.filter(({ mode }) => mode === 'o' || mode === 'b' || mode === 't');
  const firstOptional = inputs.length - row.defaultCount;
  const columns = outputs.length > 0 ? outputs : (row.rowColumns ?? []);
  // A plain `record` has no columns to speak of.
  if (columns.length === 0 && row.returnType === 'record') return undefined;
  const isRow = outputs.length > 0 || row.returnKind === 'c';
  return {
    name: row.name,
    args: inputs.map(({ name, type }, index) => ({ name, type, required: index < firstOptional })),
    result: isRow ? 'row' : row.returnType === 'void' ? 'void' : 'scalar',
    returnsSet: row.returnsSet,
    columns: columns.map(({ name, type }) => ({ name, type })),
  };
}
