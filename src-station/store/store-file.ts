/**
 * Opening `usage.sqlite` and deciding whether to believe it. A file that is broken or was edited is set aside under
 * another name, never deleted; what of its unsent rows still verifies moves into a new file, to be sent as before.
 */
import { type KeyObject, randomUUID } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { GENESIS_HASH } from '../../src-shared/database.ts';
import { openDurable } from './connection.ts';
import { StoreInUseError, sqliteCode } from './errors.ts';
import { leaseStatements } from './lease-book.ts';
import { ALL, parkedStatements, rowStatements, rowsAfter, signedHead } from './rows.ts';
import { type Salvage, salvageFrom, salvageFromCopy } from './salvage.ts';
import { migrate } from './schema.ts';
import { chainFault, headMac, sameMac } from './usage-chain.ts';
import { walDamage } from './wal.ts';

export interface StoreFile {
  database: Database;
  /** What had to be mended, in words for the operator; empty when all was well. */
  findings: string[];
}

const FILE = 'usage.sqlite';
const NEXT_FILE = 'usage.next.sqlite';
const TABLES = ['meta', 'epochs', 'usage_rows', 'leases', 'parked_rows'];

/**
 * Opens (or makes) the store's file in `dir`, whose lock the caller holds.
 * @throws Error when the file was written by a newer program; StoreInUseError when another process has it open
 */
export function openStoreFile(dir: string, key: KeyObject, wallMs: number): StoreFile {
  const path = join(dir, FILE);
  finishReplacement(dir);
  // Asked first: opening the file would fold its log into it up to the damage and drop the rest.
  let fault = walDamage(path) ?? '';
  let database: Database | undefined;
  try {
    if (fault === '') {
      database = openDurable(path);
      migrate(database);
      fault = storeFault(database, key) ?? '';
    }
  } catch (error) {
    if (error instanceof StoreInUseError || !isBroken(error)) {
      database?.close();
      throw error;
    }
    fault = error instanceof Error ? error.message : String(error);
  }
  if (database && fault === '') {
    ensureCurrentEpoch(database, key, wallMs);
    return { database, findings: [] };
  }
  return replace(dir, database, fault, key, wallMs);
}

/** Starts an epoch that takes new rows when there is none. */
export function ensureCurrentEpoch(database: Database, key: KeyObject, wallMs: number): void {
  const statements = rowStatements(database);
  const heads = statements.heads.all();
  if (heads.some((head) => head.state === 'current')) return;
  const ordinal = Math.max(0, ...heads.map((head) => head.ordinal)) + 1;
  const start = { epoch: randomUUID(), lastSeq: 0, lastHash: GENESIS_HASH, confirmedSeq: 0 };
  const head = signedHead(key, { ordinal, state: 'current', ...start });
  statements.insertHead.run({ ...head, createdAtMs: Math.trunc(wallMs), reason: '' });
}

/** SQLite says that the file itself is bad (as opposed to: no space, no permission, busy). */
function isBroken(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB|SCHEMA|ERROR|CONSTRAINT|MISMATCH)/.test(sqliteCode(error));
}

/** What is wrong with the content, or null. */
function storeFault(database: Database, key: KeyObject): string | null {
  const check = database.pragma('quick_check(1)', { simple: true });
  if (check !== 'ok') return `the file is damaged: ${String(check)}`;
  // A table that is missing shows here, not in the middle of a talk.
  for (const table of TABLES) database.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get();
  const statements = rowStatements(database);
  for (const head of statements.heads.all()) {
    if (!sameMac(head.mac, headMac(key, head))) return `the head of epoch ${head.epoch} was changed`;
    const fault = chainFault(statements.rowsBetween.iterate(...rowsAfter(head.ordinal, 0), ALL), head, key);
    if (fault) return `epoch ${head.epoch}: ${fault}`;
  }
  return null;
}

function replace(
  dir: string,
  broken: Database | undefined,
  fault: string,
  key: KeyObject,
  wallMs: number,
): StoreFile {
  const salvage = broken ? salvageFrom(broken, key) : salvageFromCopy(join(dir, FILE), key);
  closeQuietly(broken);
  buildNext(join(dir, NEXT_FILE), salvage, key, wallMs);
  const aside = setAside(dir, wallMs);
  finishReplacement(dir);
  const database = openDurable(join(dir, FILE));
  const unsent = salvage.epochs.filter((part) => !part.isQuarantined);
  const rows = unsent.reduce((sum, part) => sum + part.rows.length, 0);
  const finding = `The usage store could not be trusted (${fault}). It was set aside as ${aside}; ${rows} unsent rows that verify were kept.`;
  return { database, findings: [finding] };
}

function buildNext(path: string, salvage: Salvage, key: KeyObject, wallMs: number): void {
  removeDatabase(path);
  const next = openDurable(path);
  migrate(next);
  next.transaction(() => {
    const statements = rowStatements(next);
    salvage.epochs.forEach((part, index) => {
      const last = part.rows.at(-1);
      if (!last) return;
      const ordinal = index + 1;
      const place = { lastSeq: last.seq, lastHash: last.hash, confirmedSeq: part.confirmedSeq };
      const state = part.isQuarantined ? 'quarantined' : 'draining';
      const head = signedHead(key, { ordinal, epoch: part.epoch, state, ...place });
      statements.insertHead.run({ ...head, createdAtMs: Math.trunc(wallMs), reason: 'salvaged' });
      for (const row of part.rows) statements.insertRow.run({ ...row, ordinal });
    });
    const book = leaseStatements(next);
    for (const lease of salvage.leases) book.insert.run(lease);
    const parked = parkedStatements(next);
    for (const row of salvage.parked) parked.insert.run(row);
    ensureCurrentEpoch(next, key, wallMs);
  })();
  next.pragma('wal_checkpoint(TRUNCATE)');
  next.close();
}

/** Renames the untrusted file with its write-ahead log; returns the new name. */
function setAside(dir: string, wallMs: number): string {
  const stamp = new Date(wallMs).toISOString().replace(/[:.]/g, '-');
  let name = `usage-${stamp}.corrupt.sqlite`;
  for (let count = 2; existsSync(join(dir, name)); count++) name = `usage-${stamp}-${count}.corrupt.sqlite`;
  for (const suffix of ['', '-wal', '-shm']) {
    const from = join(dir, `${FILE}${suffix}`);
    if (existsSync(from)) renameSync(from, join(dir, `${name}${suffix}`));
  }
  return name;
}

/** Puts the new file in place; also after a crash between the two renames. A half-built one is dropped. */
function finishReplacement(dir: string): void {
  const [path, next] = [join(dir, FILE), join(dir, NEXT_FILE)];
  if (!existsSync(next)) return;
  if (existsSync(path)) {
    removeDatabase(next);
    return;
  }
  for (const suffix of ['-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
  renameSync(next, path);
}

function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}

/** Closing must never hide the first fault. */
function closeQuietly(database: Database | undefined): void {
  try {
    database?.close();
  } catch {
    // The file is set aside next; a failing close changes nothing about that.
  }
}
