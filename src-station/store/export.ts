/**
 * Every row that a kiosk still has, readable for people and programs: of the log in use, of the histories kept aside for
 * a person, and of files that were set aside because they could not be trusted. Reads copies; changes nothing.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { GENESIS_HASH } from '../../src-shared/database.ts';
import { makeReadable, withCopy } from './copy.ts';
import {
  ALL,
  type KeptHead,
  parkedStatements,
  type RowStatements,
  rowStatements,
  rowsAfter,
} from './rows.ts';
import { migrate } from './schema.ts';
import { isGenuine, type KeptRow } from './usage-chain.ts';

export interface ExportedRow extends Omit<KeptRow, 'mac' | 'atMs'> {
  file: string;
  epoch: string;
  /** ISO 8601, by the kiosk's clock. */
  at: string;
  /**
   * `confirmed`: the server has it; `waiting`: it is still to be sent; `parked`: the server kept it aside (and has it
   * whole); `quarantined`: the server has another history here, so it was never charged; `set_aside`: of a file that
   * could not be trusted, and not in the log in use.
   */
  standing: 'confirmed' | 'waiting' | 'parked' | 'quarantined' | 'set_aside';
  /** Why it was parked or quarantined, in words. */
  reason: string | null;
  /**
   * `sealed`: hash, seal and place in the chain are right; `hashed`: the same without the station's key at hand, so the
   * seal was not checked; `out_of_place`: genuine, but it does not follow the row before it; `changed`: not as it was written.
   */
  proof: 'sealed' | 'hashed' | 'out_of_place' | 'changed';
}

/** Stands where rows of a file could not be read. */
export interface UnreadRest {
  file: string;
  unreadable: string;
}

const FILE = 'usage.sqlite';

/** All rows in `dir`, each once, oldest first within a log. @throws Error when there is no log at all */
export function exportUsage(dir: string, key: Uint8Array | null): (ExportedRow | UnreadRest)[] {
  const aside = existsSync(dir) ? readdirSync(dir).filter((name) => name.endsWith('.corrupt.sqlite')) : [];
  const files = [...(existsSync(join(dir, FILE)) ? [FILE] : []), ...aside.sort()];
  if (files.length === 0) throw new Error(`There is no usage log in ${dir}: no talk was begun here yet.`);
  const keyObject = key && createSecretKey(key);
  const known = new Set<string>();
  return files.flatMap((file) =>
    exportFile(dir, file, keyObject).filter((row) => {
      if ('unreadable' in row) return true;
      const name = [row.epoch, row.seq, row.hash, row.proof].join(' ');
      const isNew = !known.has(name);
      known.add(name);
      return isNew;
    }),
  );
}

function exportFile(dir: string, file: string, key: KeyObject | null): (ExportedRow | UnreadRest)[] {
  const found: (ExportedRow | UnreadRest)[] = [];
  const note = (error: unknown) =>
    found.push({ file, unreadable: error instanceof Error ? error.message : String(error) });
  try {
    withCopy(join(dir, file), (copy) => {
      makeReadable(copy);
      const database = new SqliteDatabase(copy);
      try {
        migrate(database);
        for (const row of rowsOf(database, file, key, note)) found.push(row);
      } finally {
        database.close();
      }
    });
  } catch (error) {
    note(error);
  }
  return found;
}

/** @param failed told about a page that could not be read */
function* rowsOf(
  database: Database,
  file: string,
  key: KeyObject | null,
  failed: (error: unknown) => void,
): Generator<ExportedRow> {
  const statements = rowStatements(database);
  const parked = parkedReasons(database);
  const reasonOf = database.prepare<[number], string>('SELECT reason FROM epochs WHERE ordinal = ?').pluck();
  for (const head of statements.heads.all()) {
    let previous: KeptRow | null = null;
    for (const row of readableRows(statements, head.ordinal, failed)) {
      const parkedFor = parked.get(`${head.epoch} ${row.seq}`) ?? null;
      const standing = file === FILE ? standingOf(row, head, parkedFor !== null) : 'set_aside';
      const { mac: _mac, atMs, ...plain } = row;
      yield {
        file,
        epoch: head.epoch,
        ...plain,
        at: new Date(atMs).toISOString(),
        standing,
        reason: standing === 'quarantined' ? (reasonOf.get(head.ordinal) ?? null) : parkedFor,
        proof: proofOf(row, previous, head.epoch, key),
      };
      previous = row;
    }
  }
}

/** Rows from the front up to a page that can't be read, then those from the back up to the same page. */
function* readableRows(
  { rowsBetween, rowsBetweenFromBack }: RowStatements,
  ordinal: number,
  failed: (error: unknown) => void,
): Generator<KeptRow> {
  let last = 0;
  try {
    for (const row of rowsBetween.iterate(...rowsAfter(ordinal, 0), ALL)) {
      last = row.seq;
      yield row;
    }
  } catch (error) {
    failed(error);
    const behind: KeptRow[] = [];
    try {
      for (const row of rowsBetweenFromBack.iterate(...rowsAfter(ordinal, 0))) {
        if (row.seq <= last) break;
        behind.unshift(row);
      }
    } catch {
      // The same page, from the other side.
    }
    yield* behind;
  }
}

function standingOf(row: KeptRow, head: KeptHead, isParked: boolean): ExportedRow['standing'] {
  if (isParked) return 'parked';
  if (row.seq <= head.confirmedSeq) return 'confirmed';
  return head.state === 'quarantined' ? 'quarantined' : 'waiting';
}

function proofOf(
  row: KeptRow,
  previous: KeptRow | null,
  epoch: string,
  key: KeyObject | null,
): ExportedRow['proof'] {
  if (!isGenuine(row, key, epoch)) return 'changed';
  const follows = previous
    ? row.seq === previous.seq + 1 && row.prevHash === previous.hash
    : row.seq > 1 || row.prevHash === GENESIS_HASH;
  if (!follows) return 'out_of_place';
  return key ? 'sealed' : 'hashed';
}

/** Reasons by epoch and number; none when the notes can't be read. */
function parkedReasons(database: Database): Map<string, string> {
  try {
    const notes = parkedStatements(database).all.all();
    return new Map(notes.map(({ epoch, seq, reason }) => [`${epoch} ${seq}`, reason]));
  } catch {
    return new Map();
  }
}
