/** The two books of a station, read from outside: Postgres' ledger and the station's SQLite store. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { Client } from 'pg';
import type { ReadyLine } from '../../../src-shared/ready-line.ts';

/** Asks the embedded Postgres as its owner. */
export async function queryDatabase<Row extends object>(
  ready: ReadyLine,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new Client({ connectionString: ready.postgres });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Seconds that the ledger has moved to `spent`, over all wallets. */
export async function ledgerSpentSeconds(ready: ReadyLine): Promise<number> {
  const [row] = await queryDatabase<{ seconds: string | null }>(
    ready,
    `select sum(paid_seconds + bonus_seconds) as seconds from public.ledger_entries where to_bucket = 'spent'`,
  );
  return Number(row?.seconds ?? 0);
}

/** What verify_ledger() complains about; empty when all is well. */
export function ledgerViolations(ready: ReadyLine): Promise<object[]> {
  return queryDatabase(ready, 'select * from public.verify_ledger()');
}

/** Seconds charged in the station's store, all epochs. */
export function storeChargedSeconds(dataDir: string): number {
  return readSqliteCopy(join(dataDir, 'station', 'usage.sqlite'), (database) => {
    const row = database.prepare('select coalesce(sum(seconds), 0) as seconds from usage_rows').get();
    return (row as { seconds: number }).seconds;
  });
}

/** Reads a copy of a SQLite file: its owner admits no second opener. */
export function readSqliteCopy<T>(file: string, read: (database: SqliteDatabase.Database) => T): T {
  const copy = mkdtempSync(join(tmpdir(), 'mindbot-store-'));
  try {
    for (const suffix of ['', '-wal']) {
      if (existsSync(`${file}${suffix}`))
        copyFileSync(`${file}${suffix}`, join(copy, `copy.sqlite${suffix}`));
    }
    const database = new SqliteDatabase(join(copy, 'copy.sqlite'));
    try {
      return read(database);
    } finally {
      database.close();
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
