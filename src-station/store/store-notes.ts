/**
 * What a store keeps beside its log, for people: rows that the server would not take, which of the histories kept aside
 * an operator has seen, and the latest wall clock.
 */
import type { Database } from 'better-sqlite3';
import { parkedStatements } from './rows.ts';

/** A row that makes no sense to the server. */
export interface ParkedRow {
  seq: number;
  kind: string;
  reason: string;
}

const PARKED_SHOWN_MS = 24 * 3600 * 1000;
const LAST_SEEN_EVERY_MS = 30_000;
const LAST_SEEN = 'last_seen_wall_ms';
const ACKNOWLEDGED = 'acknowledged:';

/** The notes of one open store. */
export class StoreNotes {
  readonly #database: Database;
  readonly #write: (change: () => void) => void;
  readonly #wallMs: () => number;
  #lastSeenWrittenMs = Number.NEGATIVE_INFINITY;

  /** @param write runs a change in a transaction; throws StoreWriteError when it could not be written */
  constructor(database: Database, write: (change: () => void) => void, wallMs: () => number) {
    this.#database = database;
    this.#write = write;
    this.#wallMs = wallMs;
  }

  /** Notes rows that the server kept aside; once each. @throws StoreWriteError */
  park(epoch: string, parked: readonly ParkedRow[]): void {
    const { insert } = parkedStatements(this.#database);
    const notedAtMs = Math.trunc(this.#wallMs());
    this.#write(() => {
      for (const row of parked) insert.run({ ...row, epoch, notedAtMs });
    });
  }

  /** Rows that the server kept aside within the last day, oldest first. */
  get parkedLately(): ParkedRow[] {
    return this.#database
      .prepare<[number], ParkedRow>(
        'SELECT seq, kind, reason FROM parked_rows WHERE noted_at_ms > ? ORDER BY noted_at_ms, seq',
      )
      .all(this.#wallMs() - PARKED_SHOWN_MS);
  }

  /** The latest wall clock this store has seen; null for a new store. */
  get lastSeenWallMs(): number | null {
    const found = this.#database
      .prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?')
      .get(LAST_SEEN);
    return found ? Number(found.value) : null;
  }

  /** Sets the last seen wall clock, also backwards (when the server's time shows that it had run ahead). @throws StoreWriteError */
  setLastSeenWall(wallMs: number): void {
    this.#write(() => this.#put(LAST_SEEN, wallMs));
  }

  /** Notes the time now and then; called within each transaction of the store. */
  noteWallClock(): void {
    const wallMs = this.#wallMs();
    if (Math.abs(wallMs - this.#lastSeenWrittenMs) < LAST_SEEN_EVERY_MS) return;
    this.#lastSeenWrittenMs = wallMs;
    if (wallMs > (this.lastSeenWallMs ?? 0)) this.#put(LAST_SEEN, wallMs);
  }

  /** Notes that an operator has seen these epochs, which ends their alarm. @throws StoreWriteError */
  acknowledge(epochs: readonly string[]): void {
    this.#write(() => {
      for (const epoch of epochs) this.#put(`${ACKNOWLEDGED}${epoch}`, this.#wallMs());
    });
  }

  /** When each of the epochs that an operator has seen was acknowledged, wall clock. */
  get acknowledgedAtMs(): ReadonlyMap<string, number> {
    return acknowledgedAtMs(this.#database);
  }

  #put(key: string, wallMs: number): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)')
      .run(key, String(Math.trunc(wallMs)));
  }
}

/** The same of any open file of a store. */
export function acknowledgedAtMs(database: Database): Map<string, number> {
  const rows = database
    .prepare<[string], { key: string; value: string }>('SELECT key, value FROM meta WHERE key GLOB ?')
    .all(`${ACKNOWLEDGED}*`);
  return new Map(rows.map(({ key, value }) => [key.slice(ACKNOWLEDGED.length), Number(value)]));
}
