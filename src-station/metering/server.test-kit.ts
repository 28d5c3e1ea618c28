/**
 * A server for tests: wallets, leases and usage streams in memory, under the rules of the contract, with faults on
 * demand. It is not the product's server; what it proves about metering is proved again over the real one.
 */
import { sha256Hex } from '../../src-runtime/hash.ts';
import { GENESIS_HASH, type LeaseAnswer, type UsageRow, usageRowText } from '../../src-shared/database.ts';
import type { Balance } from '../../src-shared/relay-api.ts';
import type { DatabaseRefusal } from '../supabase-door/errors.ts';
import type { DoorResult, MeteringDatabase } from '../supabase-door/index.ts';

interface FakeLease {
  userId: string;
  open: boolean;
  granted: number;
  spent: number;
  steps: number[];
}

interface Stream {
  hashes: string[];
}

/** `lost`: the call has its effect but no answer comes; `late`: no effect, no answer. */
export type Fault = 'lost' | 'late' | null;

const VALIDITY_SECONDS = 1800;

export class FakeServer implements MeteringDatabase {
  readonly wallets = new Map<string, number>();
  readonly leases = new Map<string, FakeLease>();
  readonly streams = new Map<string, Stream>();
  readonly rows: UsageRow[] = [];
  /** Seconds charged per wallet, by the rows that were applied. */
  readonly spent = new Map<string, number>();
  readonly calls: string[] = [];
  /** Fault of the next calls, asked for each; null when well. */
  fault: (call: string) => Fault = () => null;
  refusal: DatabaseRefusal | null = null;
  timeMs = Date.UTC(2026, 10, 1);
  #reachable = true;
  readonly #listeners = new Set<(reachable: boolean) => void>();

  get reachable(): boolean {
    return this.#reachable;
  }

  setReachable(reachable: boolean): void {
    this.#reachable = reachable;
    for (const listener of [...this.#listeners]) listener(reachable);
  }

  onReachable(listener: (reachable: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  balance(userId: string): Promise<DoorResult<Balance>> {
    return this.#answer('balance', () => ({
      userId,
      availableSeconds: this.wallets.get(userId) ?? 0,
      heldSeconds: this.held(userId),
      cards: [],
      asOf: new Date(this.timeMs).toISOString(),
    }));
  }

  openLease(leaseId: string, userId: string, _visitId: string, seconds: number) {
    return this.#answer('openLease', () => {
      const known = this.leases.get(leaseId);
      if (known) return known.open ? this.#leaseAnswer(leaseId, 0) : this.#refuse('lease_closed');
      if ([...this.leases.values()].some((lease) => lease.open && lease.userId === userId)) {
        return this.#refuse('time_in_use_elsewhere');
      }
      if ((this.wallets.get(userId) ?? 0) === 0) return this.#refuse('no_time_left');
      this.leases.set(leaseId, { userId, open: true, granted: 0, spent: 0, steps: [] });
      this.#grant(leaseId, seconds);
      return this.#leaseAnswer(leaseId, 0);
    });
  }

  extendLease(leaseId: string, n: number, seconds: number) {
    return this.#answer('extendLease', () => {
      const lease = this.leases.get(leaseId);
      if (!lease) return this.#refuse('lease_unknown');
      if (!lease.open) return this.#refuse('lease_closed');
      if (n > lease.steps.length) return this.#refuse('invalid_amount');
      if (n === lease.steps.length) this.#grant(leaseId, seconds);
      return this.#leaseAnswer(leaseId, n);
    });
  }

  postUsage(epoch: string, rows: readonly UsageRow[]) {
    return this.#answer('postUsage', () => {
      const stream = this.streams.get(epoch) ?? { hashes: [] };
      this.streams.set(epoch, stream);
      if (!this.#follows(stream, rows)) return this.#refuse('stream_forked');
      const fresh = rows.filter((row) => row.seq > stream.hashes.length);
      const parked = fresh.flatMap((row) => this.#apply(stream, row));
      const lastHash = stream.hashes.at(-1) ?? GENESIS_HASH;
      return { lastSeq: stream.hashes.length, lastHash, applied: fresh.length - parked.length, parked };
    });
  }

  /** Seconds reserved and neither spent nor given back. */
  held(userId: string): number {
    return [...this.leases.values()]
      .filter((lease) => lease.open && lease.userId === userId)
      .reduce((sum, lease) => sum + lease.granted - lease.spent, 0);
  }

  #grant(leaseId: string, seconds: number): void {
    const lease = this.leases.get(leaseId);
    if (!lease) return;
    const available = this.wallets.get(lease.userId) ?? 0;
    const granted = Math.min(seconds, available);
    this.wallets.set(lease.userId, available - granted);
    lease.granted += granted;
    lease.steps.push(granted);
  }

  #leaseAnswer(leaseId: string, n: number): LeaseAnswer | null {
    const lease = this.leases.get(leaseId);
    if (!lease) return null;
    const totalSeconds = lease.steps.slice(0, n + 1).reduce((sum, step) => sum + step, 0);
    return {
      leaseId,
      n,
      grantedSeconds: lease.steps[n] ?? 0,
      totalSeconds,
      availableSeconds: this.wallets.get(lease.userId) ?? 0,
      validitySeconds: VALIDITY_SECONDS,
    };
  }

  #follows(stream: Stream, rows: readonly UsageRow[]): boolean {
    return rows.every((row, index) => {
      const hash = sha256Hex(usageRowText(row));
      const before = rows[index - 1]?.hash ?? stream.hashes[row.seq - 2] ?? GENESIS_HASH;
      const known = stream.hashes[row.seq - 1];
      const inOrder = index > 0 || row.seq <= stream.hashes.length + 1;
      return inOrder && row.hash === hash && row.prevHash === before && (!known || known === hash);
    });
  }

  #apply(stream: Stream, row: UsageRow): { seq: number; reason: string }[] {
    stream.hashes.push(row.hash);
    this.rows.push(row);
    const lease = row.leaseId === null ? null : this.leases.get(row.leaseId);
    const park = (reason: string) => [{ seq: row.seq, reason }];
    if (row.kind === 'tick') {
      if (!lease?.open) return park('lease_closed');
      if (lease.spent + row.seconds > lease.granted) return park('more_than_reserved');
      lease.spent += row.seconds;
      this.spent.set(lease.userId, (this.spent.get(lease.userId) ?? 0) + row.seconds);
    }
    if (row.kind === 'lease_closed') {
      if (!lease) return park('lease_unknown');
      if (!lease.open) return park('lease_closed');
      lease.open = false;
      this.wallets.set(lease.userId, (this.wallets.get(lease.userId) ?? 0) + lease.granted - lease.spent);
    }
    return [];
  }

  #refuse(code: DatabaseRefusal): { refused: DatabaseRefusal } {
    return { refused: code };
  }

  async #answer<Value extends object>(
    call: string,
    effect: () => Value | { refused: DatabaseRefusal } | null,
  ): Promise<DoorResult<Exclude<Value, { refused: DatabaseRefusal }>>> {
    this.calls.push(call);
    const fault = this.#reachable ? this.fault(call) : 'late';
    const unreachable = { ok: false, error: { kind: 'unreachable', detail: `${call}: no answer` } } as const;
    await Promise.resolve();
    if (fault === 'late') return unreachable;
    const value = this.refusal ? { refused: this.refusal } : effect();
    if (fault === 'lost' || value === null) return unreachable;
    if ('refused' in value) {
      const code = (value as { refused: DatabaseRefusal }).refused;
      return { ok: false, error: { kind: 'refused', code, detail: code } };
    }
    return { ok: true, value: value as Exclude<Value, { refused: DatabaseRefusal }> };
  }
}
