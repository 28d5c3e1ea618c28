/**
 * Remembers what kiosks really did, apart from every book: each row that became durable, and what the server promised
 * under each lease. Nothing here is ever rolled back, whatever is restored.
 */
import type { LeaseAnswer, UsageRow } from '../../src-shared/database.ts';
import { type UsageEntry, UsageStore, type UsageStoreOptions } from '../../src-station/store/usage-store.ts';
import { Violation } from './violation.ts';

/** Rows of a kiosk that were in its log once. */
export interface WitnessedEpoch {
  kioskId: string;
  epoch: string;
  /** By (seq - 1): the row that is in that place now. */
  rows: UsageRow[];
}

interface Promised {
  seconds: number;
  usedSeconds: number;
  validUntilMs: number;
}

/** A tick may be written this long after the moment it belongs to (we look at the world once a second). */
const LATENESS_MS = 1_000;

export class Witness {
  readonly epochs = new Map<string, WitnessedEpoch>();
  /** Seconds durably written, by talk; a talk that a restored disk forgot keeps its seconds here. */
  readonly talkSeconds = new Map<string, number>();
  /** Talks that used a lease: more than one when the server was away at the end of the first. */
  readonly talksOfLease = new Map<string, Set<string>>();
  readonly #closedLeases = new Set<string>();
  /** Leases of which a restored disk has lost rows: the server may know of less use, never of more. */
  readonly damagedLeases = new Set<string>();
  /** Kiosks whose disk was once replaced by an older copy. */
  readonly restoredKiosks = new Set<string>();
  /** The first thing that was wrong; kept, because the product may catch what is thrown inside of it. */
  fault: Violation | null = null;
  readonly #promised = new Map<string, Promised>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Notes a fault unless `holds`. */
  check(holds: boolean, what: string, details?: unknown): void {
    if (!holds) this.fault ??= new Violation(`${what}: ${JSON.stringify(details)}`);
  }

  /** Seconds ever written under a lease. */
  usedSeconds(leaseId: string): number {
    return this.#promised.get(leaseId)?.usedSeconds ?? 0;
  }

  /** Most seconds that the server ever said to have reserved under a lease. */
  promisedSeconds(leaseId: string): number {
    return this.#promised.get(leaseId)?.seconds ?? 0;
  }

  /** The server has reserved this. A repeated answer never takes anything back. */
  promised(answer: LeaseAnswer): void {
    const known = this.#promised.get(answer.leaseId);
    const validUntilMs = this.#nowMs() + answer.validitySeconds * 1000;
    this.#promised.set(answer.leaseId, {
      usedSeconds: known?.usedSeconds ?? 0,
      seconds: Math.max(known?.seconds ?? 0, answer.totalSeconds),
      validUntilMs: Math.max(known?.validUntilMs ?? 0, validUntilMs),
    });
  }

  written(kioskId: string, epoch: string, rows: readonly UsageRow[]): void {
    const log = this.epochs.get(epoch) ?? { kioskId, epoch, rows: [] };
    this.epochs.set(epoch, log);
    for (const row of rows) {
      this.check(row.seq === log.rows.length + 1, 'a row was written out of order', row);
      log.rows.push(row);
      if (row.kind === 'tick') this.#tick(row);
      if (row.kind === 'lease_closed') this.#closed(kioskId, row);
    }
  }

  /** The disk now ends at row `lastSeq` of this epoch: what came later is known to nobody but, perhaps, the server. */
  cutBack(log: WitnessedEpoch, lastSeq: number): void {
    for (const row of log.rows.splice(lastSeq)) this.damagedLeases.add(row.leaseId ?? '');
  }

  #closed(kioskId: string, { leaseId }: UsageRow): void {
    const isFirst = !this.#closedLeases.has(leaseId ?? '');
    this.check(isFirst || this.restoredKiosks.has(kioskId), 'a lease was closed twice', leaseId);
    this.#closedLeases.add(leaseId ?? '');
  }

  #tick(row: UsageRow): void {
    const talks = this.talksOfLease.get(row.leaseId ?? '') ?? new Set();
    this.talksOfLease.set(row.leaseId ?? '', talks.add(row.talkId));
    this.check(!this.#closedLeases.has(row.leaseId ?? ''), 'a second was charged to a closed lease', row);
    this.talkSeconds.set(row.talkId, (this.talkSeconds.get(row.talkId) ?? 0) + row.seconds);
    const promised = this.#promised.get(row.leaseId ?? '');
    this.check(promised !== undefined, 'a second was charged that no lease reserved', row);
    if (!promised) return;
    promised.usedSeconds += row.seconds;
    this.check(promised.usedSeconds <= promised.seconds, 'more was used than the server reserved', {
      row,
      promised,
    });
    this.check(this.#nowMs() <= promised.validUntilMs + LATENESS_MS, 'a lease was used after its end', {
      row,
      promised,
    });
  }
}

/** The real store; what it has written is witnessed after it is durable. */
export class WitnessedStore extends UsageStore {
  readonly #witness: Witness;
  readonly #kioskId: string;

  constructor(options: UsageStoreOptions, witness: Witness, kioskId: string) {
    super(options);
    this.#witness = witness;
    this.#kioskId = kioskId;
  }

  override append(entries: readonly UsageEntry[]): UsageRow[] {
    const rows = super.append(entries);
    this.#witness.written(this.#kioskId, this.epoch, rows);
    return rows;
  }
}
