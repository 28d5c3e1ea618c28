/**
 * The lease that the last talk left behind. It is closed as soon as the server has been heard from; as long as it can't
 * be reached, the same visit and wallet may begin another talk with the seconds that are still reserved. Promises: used by one talk at a time, never past its validity, and closed once, by `letGo`.
 */
import type { Clock, Timer } from '../clock.ts';
import type { TalkOfLease } from './lease-desk.ts';
import { type Lease, unusedSecondsOf } from './talk-funds.ts';

export interface KeptLeaseOptions {
  /** Counts the machine's sleep. */
  clock: Clock;
  /** Writes the end of a lease into the log; `talk` was the last to use it. */
  close: (talk: TalkOfLease, leaseId: string) => void;
}

interface Kept {
  talk: TalkOfLease;
  lease: Lease;
  expiry: Timer;
}

export class KeptLease {
  readonly #options: KeptLeaseOptions;
  #kept: Kept | null = null;

  constructor(options: KeptLeaseOptions) {
    this.#options = options;
  }

  /** The wallet that the kept seconds belong to; null when nothing is kept. */
  get userId(): string | null {
    return this.#kept?.talk.userId ?? null;
  }

  /** What a talk that begins now could use; 0 when nothing is kept. */
  get keptSeconds(): number {
    if (!this.#kept) return 0;
    const { lease } = this.#kept;
    const validMs = lease.validUntilMs - this.#options.clock.monotonicMs();
    return Math.max(0, Math.min(unusedSecondsOf(lease), Math.floor(validMs / 1000)));
  }

  /** A talk is over and leaves this lease. */
  keep(talk: TalkOfLease, lease: Lease): void {
    const { clock } = this.#options;
    this.letGo();
    const expiry = clock.setTimer(() => this.letGo(), lease.validUntilMs - clock.monotonicMs());
    this.#kept = { talk, lease, expiry };
    if (this.keptSeconds === 0) this.letGo();
  }

  /** Hands the lease to a talk of the same visit and wallet. For any other it is let go, and null is returned. */
  take(talk: TalkOfLease): Lease | null {
    const kept = this.#kept;
    const isTheirs = kept?.talk.visitId === talk.visitId && kept.talk.userId === talk.userId;
    if (!kept || !isTheirs || this.keptSeconds === 0) {
      this.letGo();
      return null;
    }
    kept.expiry.cancel();
    this.#kept = null;
    return kept.lease;
  }

  /** Closes the lease: what is unused of it is the wallet's again. Nothing happens when none is kept. */
  letGo(): void {
    const kept = this.#kept;
    if (!kept) return;
    kept.expiry.cancel();
    this.#kept = null;
    this.#options.close(kept.talk, kept.lease.leaseId);
  }
}
