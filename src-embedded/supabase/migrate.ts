/**
 * Brings the database to the state that the product's migrations describe. Promise: each migration is applied once,
 * whole or not at all, in the order of its name, as the role `postgres` (no superuser, as on Supabase); a migration
 * changed after it was applied, or one that fails, stops the start and is named. A database that holds migrations which
 * are not here (made by another version of the product) is left as it is and refused.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import { sha256Hex } from '../../src-runtime/hash.ts';

/** Any fixed number will do; it keeps two starting processes from migrating at once. */
const ADVISORY_LOCK = 7_210_553_104;

const FILE_NAME = /^(\d+)_([\w-]+)\.sql$/;

export interface Migration {
  /** Digits at the head of the file name; the order. */
  version: string;
  name: string;
  file: string;
  sql: string;
  /** SHA-256 of the text in hex. */
  hash: string;
}

export interface MigrationReport {
  /** Files applied now; empty when the database was up to date. */
  applied: string[];
  seeded: boolean;
}

/** The database was made by another version of the product. The message says what to do; nothing was changed. */
export class ForeignDatabaseError extends Error {
  override readonly name = 'ForeignDatabaseError';
}

/** Runs `bootstrap.sql` under the migration lock. `client` must be a superuser. */
export async function bootstrapDatabase(client: Client): Promise<void> {
  const sql = await readFile(new URL('./bootstrap.sql', import.meta.url), 'utf8');
  await underLock(client, () => inTransaction(client, () => client.query(sql)));
}

/** Sets the password of the roles that the API logs in as. */
export async function setLoginPasswords(client: Client, passwords: Record<string, string>): Promise<void> {
  for (const [role, password] of Object.entries(passwords)) {
    await client.query(
      `alter role ${client.escapeIdentifier(role)} password ${client.escapeLiteral(password)}`,
    );
  }
}

/**
 * Applies what is new in `dir` (`<digits>_<name>.sql`), then `seedFile` when anything changed.
 * `client` must be a superuser on a bootstrapped database; a missing folder or seed counts as empty.
 * @throws ForeignDatabaseError when migrations were applied to it that are not in `dir`
 * @throws Error naming the file, the line and Postgres' message.
 */
export async function migrateDatabase(
  client: Client,
  dir: string,
  seedFile?: string,
): Promise<MigrationReport> {
  const migrations = await readMigrations(dir);
  return underLock(client, async () => {
    const applied = await applyPending(client, migrations);
    const seeded = seedFile ? await seed(client, seedFile, applied.length > 0) : false;
    return { applied, seeded };
  });
}

/** Reads the migrations of a folder in order. @throws Error for a file that doesn't fit the naming or repeats a version. */
export async function readMigrations(dir: string): Promise<Migration[]> {
  const files = (await readdir(dir).catch(ifMissing<string[]>([]))).filter((file) => file.endsWith('.sql'));
  const migrations: Migration[] = [];
  for (const file of files.sort()) {
    const [, version, name] = FILE_NAME.exec(file) ?? [];
    if (!version || !name) throw new Error(`Migration ${file}: the name must be <digits>_<name>.sql.`);
    if (migrations.some((other) => other.version === version)) {
      throw new Error(`Migration ${file}: another migration has the version ${version}.`);
    }
    const sql = await readFile(join(dir, file), 'utf8');
    migrations.push({ version, name, file, sql, hash: sha256Hex(sql) });
  }
  return migrations;
}

async function applyPending(client: Client, migrations: readonly Migration[]): Promise<string[]> {
  const { rows } = await client.query<AppliedMigration>(
    'select version, name, hash from supabase_migrations.schema_migrations order by version',
  );
  refuseForeign(rows, migrations);
  const known = new Map(rows.map((row) => [row.version, row.hash]));
  const pending = migrations.filter((migration) => !known.has(migration.version));
  for (const migration of migrations) {
    const hash = known.get(migration.version);
    if (hash !== undefined && hash !== migration.hash) {
      throw new Error(
        `Migration ${migration.file} was changed after it had been applied to this database. Restore it and put the change into a new migration; on a machine without data worth keeping, delete the database folder instead.`,
      );
    }
  }
  for (const migration of pending) {
    await runAsPostgres(client, migration.file, migration.sql, (transaction) =>
      transaction.query(
        'insert into supabase_migrations.schema_migrations (version, name, hash) values ($1, $2, $3)',
        [migration.version, migration.name, migration.hash],
      ),
    );
  }
  return pending.map((migration) => migration.file);
}

interface AppliedMigration {
  version: string;
  name: string;
  hash: string;
}

/** Applying ours on top of a schema that we don't know would mix two of them. */
function refuseForeign(applied: readonly AppliedMigration[], migrations: readonly Migration[]): void {
  const foreign = applied.filter(({ version }) => !migrations.some((own) => own.version === version));
  const [first] = foreign;
  if (!first) return;
  const more = foreign.length > 1 ? ` and ${foreign.length - 1} more` : '';
  throw new ForeignDatabaseError(
    `This database was made by another version of the product: it holds the migration ${first.version}_${first.name}${more}, which this version does not have. Nothing was changed. Start the version that made it, or begin with an empty database.`,
  );
}

async function seed(client: Client, file: string, changed: boolean): Promise<boolean> {
  const sql = await readFile(file, 'utf8').catch(ifMissing(undefined));
  if (sql === undefined) return false;
  const hash = sha256Hex(sql);
  const { rows } = await client.query(
    'select from supabase_migrations.seed_files where path = $1 and hash = $2',
    ['seed.sql', hash],
  );
  if (rows.length > 0 && !changed) return false;
  await runAsPostgres(client, file, sql, (transaction) =>
    transaction.query(
      `insert into supabase_migrations.seed_files (path, hash) values ('seed.sql', $1)
       on conflict (path) do update set hash = excluded.hash`,
      [hash],
    ),
  );
  return true;
}

/** Runs the text of `file` and `record` in one transaction, with the rights and settings that Supabase gives. */
async function runAsPostgres(
  client: Client,
  file: string,
  sql: string,
  record: (client: Client) => Promise<unknown>,
): Promise<void> {
  await inTransaction(client, async () => {
    await client.query('set local session authorization postgres');
    await client.query('set local search_path = public, extensions');
    const before = await transactionId(client);
    try {
      await client.query(sql);
    } catch (error) {
      throw failureOf(file, sql, error);
    }
    if ((await transactionId(client)) !== before) {
      throw new Error(`Migration ${file} must not begin or commit a transaction itself.`);
    }
    await record(client);
  });
}

async function transactionId(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>('select pg_current_xact_id()::text as id');
  return rows[0]?.id;
}

function failureOf(file: string, sql: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(`Migration ${file} failed: ${String(error)}`);
  const { position, detail, hint, code, where } = error as Error & Record<string, string | undefined>;
  const line = position ? ` line ${sql.slice(0, Number(position)).split('\n').length}` : '';
  const rest = [detail, hint, where].filter((part) => part !== undefined).join('; ');
  const message = `Migration ${file}${line} failed: ${error.message} (${code ?? 'no code'})`;
  return new Error(rest ? `${message}. ${rest}` : message, { cause: error });
}

async function inTransaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function underLock<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('select pg_advisory_lock($1)', [ADVISORY_LOCK]);
  try {
    return await work();
  } finally {
    await client.query('select pg_advisory_unlock($1)', [ADVISORY_LOCK]).catch(() => undefined);
  }
}

function ifMissing<T>(value: T): (error: unknown) => T {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return value;
    throw error;
  };
}
