/**
 * The leases this kiosk asked for, written down before the question goes out, so that a crash at any moment leaves
 * none forgotten: each one is closed in the end and its unused seconds go back to the wallet. How long a lease is
 * good for is not kept, because that is counted on a clock which dies with the process; after a restart a lease is
 * only there to be closed.
 */
import type { Database } from 'better-sqlite3';

export interface LeaseRecord {
  leaseId: string;
  talkId: string;
  userId: string;
  visitId: string;
  /** `asked`: no answer yet, the server may or may not have it; `open`; `closed`: its end is in the log. */
  state: 'asked' | 'open' | 'closed';
  askedSeconds: number;
  grantedSeconds: number;
  askedAtMs: number;
}

const COLUMNS = `lease_id AS leaseId, talk_id AS talkId, user_id AS userId, visit_id AS visitId, state,
  asked_seconds AS askedSeconds, granted_seconds AS grantedSeconds, asked_at_ms AS askedAtMs`;

const CLOSED_KEPT_MS = 30 * 24 * 3600 * 1000;

/** The leases of one open store. */
export class LeaseBook {
  readonly #write: (change: () => void) => void;
  readonly #wallMs: () => number;
  readonly #statements: ReturnType<typeof leaseStatements>;

  /** @param write runs a change in a transaction; throws StoreWriteError when it could not be written */
  constructor(database: Database, write: (change: () => void) => void, wallMs: () => number) {
    this.#write = write;
    this.#wallMs = wallMs;
    this.#statements = leaseStatements(database);
  }

  /** Writes a lease down before the server is asked for it. @throws StoreWriteError */
  asked(lease: Pick<LeaseRecord, 'leaseId' | 'talkId' | 'userId' | 'visitId' | 'askedSeconds'>): void {
    const askedAtMs = Math.trunc(this.#wallMs());
    this.#write(() =>
      this.#statements.insert.run({ ...lease, state: 'asked', grantedSeconds: 0, askedAtMs }),
    );
  }

  /** Notes what the server has reserved in all under a lease. @throws StoreWriteError */
  granted(leaseId: string, reservedSeconds: number): void {
    this.#write(() => this.#statements.granted.run(reservedSeconds, leaseId));
  }

  /** Drops a lease that the server surely never made. @throws StoreWriteError */
  forget(leaseId: string): void {
    this.#write(() => this.#statements.forget.run(leaseId));
  }

  /** Oldest first. */
  get notClosed(): LeaseRecord[] {
    return this.#statements.notClosed.all();
  }

  /** Its end is being written into the log, in the transaction that is open now. */
  close(leaseId: string): void {
    this.#statements.close.run(leaseId);
  }

  /** Drops closed leases that are old, in the transaction that is open now. */
  prune(): void {
    this.#statements.pruneClosed.run(Math.trunc(this.#wallMs()) - CLOSED_KEPT_MS);
  }
}

export function leaseStatements(database: Database) {
  return {
    insert: database.prepare<[LeaseRecord]>(
      `INSERT INTO leases (lease_id, talk_id, user_id, visit_id, state, asked_seconds, granted_seconds, asked_at_ms)
       VALUES (@leaseId, @talkId, @userId, @visitId, @state, @askedSeconds, @grantedSeconds, @askedAtMs)`,
    ),
    granted: database.prepare<[number, string]>(
      `UPDATE leases SET state = 'open', granted_seconds = ? WHERE lease_id = ? AND state <> 'closed'`,
    ),
    close: database.prepare<[string]>(`UPDATE leases SET state = 'closed' WHERE lease_id = ?`),
    forget: database.prepare<[string]>('DELETE FROM leases WHERE lease_id = ?'),
    notClosed: database.prepare<[], LeaseRecord>(
      `SELECT ${COLUMNS} FROM leases WHERE state <> 'closed' ORDER BY asked_at_ms, lease_id`,
    ),
    pruneClosed: database.prepare<[number]>(`DELETE FROM leases WHERE state = 'closed' AND asked_at_ms < ?`),
  };
}
