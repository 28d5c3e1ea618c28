/**
 * Opening SQLite files the way money needs it: write-ahead log, every commit on the disk before it returns, one
 * opener. A second process is kept out twice: by a lock file held for life, and by SQLite's exclusive locking.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { StoreInUseError, sqliteCode } from './errors.ts';

/** How long a start waits for a station that is just ending. */
const LOCK_WAIT_MS = 2_000;
/** SQLite's number for `synchronous = FULL`. */
const FULL = 2;

/** A lock held until `release` or the death of the process (the kernel lets go of it). */
export interface StoreLock {
  release(): void;
}

/**
 * Takes the folder for this process. The lock is an open transaction on an otherwise empty SQLite file, because that
 * works whatever state the store itself is in.
 * @throws StoreInUseError when another process has it
 */
export function lockFolder(dir: string, waitMs = LOCK_WAIT_MS): StoreLock {
  const path = join(dir, 'usage.lock');
  let database = new SqliteDatabase(path, { timeout: waitMs });
  try {
    try {
      hold(database);
    } catch (error) {
      if (sqliteCode(error) !== 'SQLITE_NOTADB') throw error;
      database.close();
      rmSync(path, { force: true });
      database = new SqliteDatabase(path, { timeout: waitMs });
      hold(database);
    }
  } catch (error) {
    database.close();
    throw sqliteCode(error).startsWith('SQLITE_BUSY') ? new StoreInUseError(dir) : error;
  }
  return { release: () => database.close() };
}

function hold(database: Database): void {
  database.pragma('journal_mode = MEMORY');
  database.exec('BEGIN EXCLUSIVE');
}

/**
 * Opens the store's file and asserts its settings.
 * @throws an SqliteError when the file is no sound database, StoreInUseError when it is open elsewhere
 */
export function openDurable(path: string): Database {
  const database = new SqliteDatabase(path, { timeout: LOCK_WAIT_MS });
  try {
    database.pragma('locking_mode = EXCLUSIVE');
    const journal = database.pragma('journal_mode = WAL', { simple: true });
    // Entering WAL mode may leave `synchronous` at NORMAL, which loses the last commits at a power cut.
    database.pragma('synchronous = FULL');
    database.pragma('fullfsync = ON');
    database.pragma('foreign_keys = ON');
    const synchronous = database.pragma('synchronous', { simple: true });
    if (journal !== 'wal' || synchronous !== FULL) {
      throw new Error(
        `The usage store can't be made durable (journal ${journal}, synchronous ${synchronous}).`,
      );
    }
    database.exec('BEGIN IMMEDIATE; COMMIT');
    return database;
  } catch (error) {
    database.close();
    throw sqliteCode(error).startsWith('SQLITE_BUSY') ? new StoreInUseError(path) : error;
  }
}
