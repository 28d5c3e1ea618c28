/**
 * Getting out of a broken or edited file what can still be believed: for each epoch the longest run of unsent rows
 * that is genuine and unbroken, the epochs that were kept aside for a person, the notes of rows that the server kept
 * aside, and the leases that were not closed.
 */
import type { KeyObject } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { openDurable } from './connection.ts';
import { copyStoreFile, makeReadable } from './copy.ts';
import { type LeaseRecord, leaseStatements } from './lease-book.ts';
import { ALL, type KeptParkedRow, parkedStatements, rowStatements, rowsAfter } from './rows.ts';
import { migrate } from './schema.ts';
import { headMac, isGenuine, type KeptRow, sameMac } from './usage-chain.ts';

/** Rows of one epoch that can still be sent, or that a person is still to look at. */
export interface SalvagedEpoch {
  epoch: string;
  isQuarantined: boolean;
  confirmedSeq: number;
  rows: KeptRow[];
}

export interface Salvage {
  epochs: SalvagedEpoch[];
  leases: LeaseRecord[];
  parked: KeptParkedRow[];
}

/** Reads an open database as far as it can be read. Never throws. */
export function salvageFrom(database: Database, key: KeyObject): Salvage {
  return {
    epochs: attempt(() => salvageEpochs(database, key)) ?? [],
    leases: attempt(() => leaseStatements(database).notClosed.all()) ?? [],
    parked: attempt(() => parkedStatements(database).all.all()) ?? [],
  };
}

/**
 * Reads a file that SQLite does not even open, or not to its end, by way of a copy that was made readable. Never
 * throws.
 */
export function salvageFromCopy(path: string, key: KeyObject): Salvage {
  const copy = `${path}.salvage`;
  const remove = () => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${copy}${suffix}`, { force: true });
  };
  const found = attempt(() => {
    remove();
    copyStoreFile(path, copy);
    makeReadable(copy);
    const database = openDurable(copy);
    migrate(database);
    const salvage = salvageFrom(database, key);
    attempt(() => database.close());
    return salvage;
  });
  attempt(remove);
  return found ?? { epochs: [], leases: [], parked: [] };
}

function salvageEpochs(database: Database, key: KeyObject): SalvagedEpoch[] {
  const statements = rowStatements(database);
  return statements.heads
    .all()
    .map((head) => {
      const isQuarantined = head.state === 'quarantined';
      const isGenuineHead = sameMac(head.mac, headMac(key, head));
      const from = isGenuineHead && !isQuarantined ? head.confirmedSeq : 0;
      const rows = soundRun(
        statements.rowsBetween.iterate(...rowsAfter(head.ordinal, from), ALL),
        key,
        head.epoch,
      );
      return { epoch: head.epoch, isQuarantined, confirmedSeq: (rows[0]?.seq ?? 1) - 1, rows };
    })
    .filter((part) => part.rows.length > 0);
}

/** Takes rows until the first that is not genuine, does not follow, or can't be read. */
function soundRun(rows: Iterable<KeptRow>, key: KeyObject, epoch: string): KeptRow[] {
  const sound: KeptRow[] = [];
  attempt(() => {
    for (const row of rows) {
      const previous = sound.at(-1);
      const follows = !previous || (row.seq === previous.seq + 1 && row.prevHash === previous.hash);
      if (!follows || !isGenuine(row, key, epoch)) break;
      sound.push(row);
    }
  });
  return sound;
}

/** What can't be read is not salvaged; whatever was read before that stands on its own hashes. */
function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
