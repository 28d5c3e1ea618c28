/**
 * The durable store of one kiosk: the usage log (hash-chained rows, per epoch), what the server said about it, the
 * leases, and notes for people. Promise: when `append` returns, its rows are on the disk; when it throws, none is.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { mkdirSync, statfsSync } from 'node:fs';
import type { Database, Transaction } from 'better-sqlite3';
import type { UsageRow } from '../../src-shared/database.ts';
import { lockFolder, type StoreLock } from './connection.ts';
import { StoreWriteError } from './errors.ts';
import { LeaseBook } from './lease-book.ts';
import { type KeptHead, type RowStatements, rowStatements, rowsAfter, rowsUpTo, signedHead } from './rows.ts';
import { ensureCurrentEpoch, openStoreFile } from './store-file.ts';
import { StoreNotes } from './store-notes.ts';
import { type KeptRow, rowHash, rowMac } from './usage-chain.ts';

/** A row before it has its place in the log. */
export type UsageEntry = Omit<UsageRow, 'seq' | 'prevHash' | 'hash'>;

export interface UsageStoreOptions {
  /** Folder of the store; made when missing. One process at a time. */
  dir: string;
  /** Key of the MACs. */
  key: Uint8Array;
  wallMs: () => number;
  /** Free space on the disk that a new talk needs; a running one needs a quarter of it. */
  minFreeBytes?: number;
  /** How long to wait for another process that is just ending. */
  lockWaitMs?: number;
  /** Most pages of the file; for tests of a full disk. */
  maxPages?: number;
}

/** A talk whose end is not in the log. */
export interface OpenTalk {
  talkId: string;
  userId: string;
  visitId: string;
  startedAtMs: number;
  lastRowAtMs: number;
  chargedSeconds: number;
  leaseIds: string[];
}

const MIN_FREE_BYTES = 16 * 1024 * 1024;
/** Confirmed rows that stay for people to look at; older ones go at start. */
const CONFIRMED_ROWS_KEPT = 20_000;

export class UsageStore {
  readonly leases: LeaseBook;
  readonly notes: StoreNotes;
  readonly #options: UsageStoreOptions;
  readonly #key: KeyObject;
  readonly #lock: StoreLock;
  readonly #database: Database;
  /** Made once, not at every append. */
  readonly #inTransaction: Transaction<(change: () => void) => void>;
  readonly #rows: RowStatements;
  readonly #heads = new Map<number, KeptHead>();
  readonly #findings: string[];

  /**
   * Opens the store, mending what can be mended (see `findings`).
   * @throws StoreInUseError when another process has it; Error when the file is from a newer program
   */
  constructor(options: UsageStoreOptions) {
    this.#options = options;
    this.#key = createSecretKey(options.key);
    mkdirSync(options.dir, { recursive: true, mode: 0o700 });
    this.#lock = lockFolder(options.dir, options.lockWaitMs);
    try {
      const file = openStoreFile(options.dir, this.#key, options.wallMs());
      this.#database = file.database;
      this.#findings = file.findings;
      if (options.maxPages !== undefined) this.#database.pragma(`max_page_count = ${options.maxPages}`);
      this.#inTransaction = this.#database.transaction((change: () => void) => change());
      this.#rows = rowStatements(this.#database);
      const write = (change: () => void) =>
        this.#write(() => {
          change();
          this.notes.noteWallClock();
        });
      this.notes = new StoreNotes(this.#database, (change) => this.#write(change), options.wallMs);
      this.leases = new LeaseBook(this.#database, write, options.wallMs);
      this.#loadHeads();
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  /** What was mended at the opening, in words for the operator. */
  get findings(): readonly string[] {
    return this.#findings;
  }

  /** The random name of the epoch that takes new rows. */
  get epoch(): string {
    return this.#current().epoch;
  }

  /** Epochs kept aside because the server had another history for them, and that no operator has acknowledged. */
  get quarantined(): readonly string[] {
    const acknowledged = this.notes.acknowledgedAtMs;
    return [...this.#heads.values()]
      .filter(({ state, epoch }) => state === 'quarantined' && !acknowledged.has(epoch))
      .map(({ epoch }) => epoch);
  }

  /** Rows the server has not confirmed and that can still be sent. */
  get backlogRows(): number {
    return this.#sendable().reduce((sum, head) => sum + head.lastSeq - head.confirmedSeq, 0);
  }

  /**
   * Writes rows at the end of the log, in one transaction; leases that they close are marked so with them.
   * @throws StoreWriteError when they could not be written; none of them is then
   */
  append(entries: readonly UsageEntry[]): UsageRow[] {
    const head = this.#current();
    const kept: KeptRow[] = [];
    let [seq, prevHash] = [head.lastSeq, head.lastHash];
    for (const entry of entries) {
      seq += 1;
      const row = { ...entry, atMs: Math.trunc(entry.atMs), seq, prevHash };
      const hash = rowHash(row);
      kept.push({ ...row, hash, mac: rowMac(this.#key, head.epoch, hash) });
      prevHash = hash;
    }
    const next = signedHead(this.#key, { ...head, lastSeq: seq, lastHash: prevHash });
    this.#write(() => {
      for (const row of kept) {
        this.#rows.insertRow.run({ ...row, ordinal: head.ordinal });
        if (row.kind === 'lease_closed' && row.leaseId !== null) this.leases.close(row.leaseId);
      }
      this.#rows.advanceHead.run(next);
      this.notes.noteWallClock();
    });
    this.#heads.set(head.ordinal, next);
    return kept.map(withoutMac);
  }

  /** The oldest rows to be sent, of one epoch and in order; null when there are none. */
  nextBatch(limit: number): { epoch: string; rows: UsageRow[] } | null {
    const head = this.#sendable().find((candidate) => candidate.confirmedSeq < candidate.lastSeq);
    if (!head) return null;
    const rows = this.#rows.rowsBetween.all(...unconfirmed(head), limit);
    return { epoch: head.epoch, rows: rows.map(withoutMac) };
  }

  /** All epochs but those kept aside, oldest first. */
  get sendableEpochs(): string[] {
    return this.#sendable().map((head) => head.epoch);
  }

  /** Where an epoch stands; null when this store does not know it. */
  head(epoch: string): Readonly<KeptHead> | null {
    return [...this.#heads.values()].find((head) => head.epoch === epoch) ?? null;
  }

  /** Hash of a row that is still here, else null. */
  hashAt(epoch: string, seq: number): string | null {
    const head = this.head(epoch);
    return (head && this.#row(head, seq)?.hash) ?? null;
  }

  /** True when the rows after `seq` are all still here, so that they can be sent again. */
  canResendAfter(epoch: string, seq: number): boolean {
    const head = this.head(epoch);
    if (!head || seq > head.lastSeq) return false;
    return seq === head.lastSeq || this.#row(head, seq + 1) !== undefined;
  }

  /** Records that the server has everything up to `seq`. */
  confirm(epoch: string, seq: number): void {
    const head = this.head(epoch);
    if (!head || head.confirmedSeq === seq) return;
    const next = signedHead(this.#key, { ...head, confirmedSeq: seq });
    this.#write(() => this.#rows.updateHead.run(next));
    this.#heads.set(head.ordinal, next);
  }

  /** Keeps an epoch aside for a person and starts a new one for new rows. */
  quarantine(epoch: string, reason: string): void {
    const head = this.head(epoch);
    if (!head || head.state === 'quarantined') return;
    const next = signedHead(this.#key, { ...head, state: 'quarantined' });
    this.#write(() => {
      this.#rows.updateHead.run(next);
      this.#database.prepare('UPDATE epochs SET reason = ? WHERE ordinal = ?').run(reason, head.ordinal);
      ensureCurrentEpoch(this.#database, this.#key, this.#options.wallMs());
    });
    this.#loadHeads();
  }

  /** True when no row of the talk waits for the server (rows kept aside never arrive: false). */
  isSettled(talkId: string): boolean {
    return [...this.#heads.values()].every(
      (head) =>
        head.confirmedSeq === head.lastSeq ||
        this.#rows.rowOfTalkBetween.get(...unconfirmed(head), talkId) === undefined,
    );
  }

  /** Talks of which rows wait for the server. */
  unsettledTalkIds(): string[] {
    const talkIds = [...this.#heads.values()].flatMap((head) =>
      this.#rows.talkIdsBetween.all(...unconfirmed(head)).map(({ talkId }) => talkId),
    );
    return [...new Set(talkIds)];
  }

  /** Talks without an end in the log, oldest first: a crash left them. */
  openTalks(): OpenTalk[] {
    return this.#rows.openTalkIds.all().map(({ talkId }) => this.#openTalk(talkId));
  }

  /** False when the disk is so full that a talk begun now might not be recorded to its end. */
  hasRoomToBegin(): boolean {
    return this.#freeBytes() >= (this.#options.minFreeBytes ?? MIN_FREE_BYTES);
  }

  /** False when the disk is so full that a running talk should end while its end can still be written. */
  hasRoomToGoOn(): boolean {
    return this.#freeBytes() >= (this.#options.minFreeBytes ?? MIN_FREE_BYTES) / 4;
  }

  /** Drops confirmed rows, but for the last `keptRows` of each epoch, and closed leases that are old. */
  prune(keptRows = CONFIRMED_ROWS_KEPT): void {
    this.#write(() => {
      for (const head of this.#heads.values()) {
        this.#rows.deleteRowsBetween.run(...rowsUpTo(head.ordinal, head.confirmedSeq - keptRows));
      }
      this.leases.prune();
    });
  }

  close(): void {
    this.#database.close();
    this.#lock.release();
  }

  #freeBytes(): number {
    try {
      const disk = statfsSync(this.#options.dir);
      return disk.bavail * disk.bsize;
    } catch {
      return 0;
    }
  }

  #write(change: () => void): void {
    try {
      this.#inTransaction.immediate(change);
    } catch (error) {
      throw new StoreWriteError(error);
    }
  }

  #loadHeads(): void {
    this.#heads.clear();
    for (const head of this.#rows.heads.all()) this.#heads.set(head.ordinal, head);
  }

  #row({ ordinal }: KeptHead, seq: number): KeptRow | undefined {
    const found = this.#rows.rowsBetween.get(...rowsAfter(ordinal, seq - 1), 1);
    return found?.seq === seq ? found : undefined;
  }

  #current(): KeptHead {
    const current = [...this.#heads.values()].find((head) => head.state === 'current');
    if (!current) throw new Error('the usage store has no current epoch');
    return current;
  }

  #sendable(): KeptHead[] {
    return [...this.#heads.values()]
      .filter((head) => head.state !== 'quarantined')
      .sort((first, second) => first.ordinal - second.ordinal);
  }

  #openTalk(talkId: string): OpenTalk {
    const rows = this.#rows.rowsOfTalk.all(talkId);
    const [first, last] = [rows.at(0), rows.at(-1)];
    const closed = new Set(rows.filter((row) => row.kind === 'lease_closed').map((row) => row.leaseId));
    const leaseIds = [...new Set(rows.flatMap((row) => (row.leaseId ? [row.leaseId] : [])))];
    return {
      talkId,
      userId: rows.find((row) => row.userId)?.userId ?? '',
      visitId: rows.find((row) => row.visitId)?.visitId ?? '',
      startedAtMs: first?.atMs ?? 0,
      lastRowAtMs: last?.atMs ?? 0,
      chargedSeconds: rows.reduce((sum, row) => sum + row.seconds, 0),
      leaseIds: leaseIds.filter((leaseId) => !closed.has(leaseId)),
    };
  }
}

function unconfirmed({ ordinal, confirmedSeq }: KeptHead): [above: number, below: number] {
  return rowsAfter(ordinal, confirmedSeq);
}

function withoutMac({ mac: _mac, ...row }: KeptRow): UsageRow {
  return row;
}
