/**
 * Opening a lease for a new talk, and tidying up those that nobody uses: a lease whose answer never came, or that a
 * crash left open. Promise: every lease ever asked for is in the end closed in the log, or known never to have been.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from '../../src-runtime/log.ts';
import type { LeaseAnswer } from '../../src-shared/database.ts';
import type { Clock } from '../clock.ts';
import type { LeaseRecord, UsageEntry, UsageStore } from '../store/index.ts';
import type { DoorError, DoorResult, MeteringDatabase } from '../supabase-door/index.ts';
import type { OpenTalkRefusal } from './contract.ts';
import { CHUNK_SECONDS, type Lease, leaseOf } from './talk-funds.ts';

export interface LeaseDeskOptions {
  store: UsageStore;
  database: Pick<MeteringDatabase, 'openLease'>;
  /** Counts the machine's sleep. */
  clock: Clock;
  log: Logger;
}

export interface TalkOfLease {
  talkId: string;
  userId: string;
  visitId: string;
}

/** How often a customer's start is asked for before it is given up. */
const OPEN_TRIES = 2;

export class LeaseDesk {
  readonly #options: LeaseDeskOptions;
  readonly #inUse = new Set<string>();
  #tidying: Promise<void> | null = null;

  constructor(options: LeaseDeskOptions) {
    this.#options = options;
  }

  /** Opens a first lease. The question is on the disk before it goes out. @throws StoreWriteError */
  async open(talk: TalkOfLease, tries = OPEN_TRIES): Promise<Lease | OpenTalkRefusal> {
    const { store, log } = this.#options;
    const leaseId = randomUUID();
    this.#inUse.add(leaseId);
    store.leases.asked({ leaseId, ...talk, askedSeconds: CHUNK_SECONDS });
    const { result, askedAtMs } = await this.#ask(leaseId, talk, tries);
    if (!result.ok) {
      this.#inUse.delete(leaseId);
      log.warn({ talkId: talk.talkId, error: result.error }, 'no lease for this talk');
      if (result.error.kind === 'refused') store.leases.forget(leaseId);
      return refusalOf(result.error);
    }
    store.leases.granted(leaseId, result.value.totalSeconds);
    return leaseOf(result.value, askedAtMs);
  }

  /** A running talk uses this lease. */
  taken(leaseId: string): void {
    this.#inUse.add(leaseId);
  }

  /** The talk of this lease is over, or never began. */
  released(leaseId: string): void {
    this.#inUse.delete(leaseId);
  }

  /** Closes leases that no talk uses. Resolves when that is done or can't be done now. Never throws. */
  tidy(): Promise<void> {
    this.#tidying ??= this.#tidyAll().finally(() => {
      this.#tidying = null;
    });
    return this.#tidying;
  }

  async #tidyAll(): Promise<void> {
    const { store, log } = this.#options;
    try {
      for (const lease of store.leases.notClosed) {
        if (this.#inUse.has(lease.leaseId)) continue;
        if (lease.state === 'open') this.#close(lease);
        else if (!(await this.#settleAsked(lease))) return;
      }
    } catch (error) {
      log.error({ err: error }, 'leases could not be tidied up');
    }
  }

  async #ask(leaseId: string, talk: TalkOfLease, tries: number) {
    for (let count = 1; ; count++) {
      const askedAtMs = this.#options.clock.monotonicMs();
      const result = await this.#options.database.openLease(
        leaseId,
        talk.userId,
        talk.visitId,
        CHUNK_SECONDS,
      );
      const mayHelp = !result.ok && result.error.kind === 'unreachable';
      if (!mayHelp || count >= tries) return { result, askedAtMs };
    }
  }

  /**
   * The server may have this lease or not. Asking again under its id tells: then it is there and is closed, or it is
   * refused and was never made.
   * @returns false when the server did not say
   */
  async #settleAsked(lease: LeaseRecord): Promise<boolean> {
    const { database, store } = this.#options;
    const { leaseId, userId, visitId, askedSeconds } = lease;
    const result: DoorResult<LeaseAnswer> = await database.openLease(leaseId, userId, visitId, askedSeconds);
    const error = result.ok ? null : result.error;
    if (error && error.kind !== 'refused') return false;
    // Without a grant the server does not say; closing a lease that is not there does no harm.
    if (!error || error.code === 'no_visit_grant') this.#close(lease);
    else if (error.code !== 'kiosk_revoked') store.leases.forget(leaseId);
    return true;
  }

  #close(lease: LeaseRecord): void {
    const { leaseId, talkId } = lease;
    this.#options.store.append([closingRow(lease, leaseId, this.#options.clock.wallMs())]);
    this.#options.log.info({ leaseId, talkId }, 'closed a lease that nobody used');
  }
}

/** The row that ends a lease in the log. */
export function closingRow(
  { talkId, userId, visitId }: Pick<UsageEntry, 'talkId' | 'userId' | 'visitId'>,
  leaseId: string,
  atMs: number,
): UsageEntry {
  return { kind: 'lease_closed', talkId, leaseId, userId, visitId, seconds: 0, note: '', atMs };
}

/** What the customer's screen is told. */
function refusalOf(error: DoorError): OpenTalkRefusal {
  if (error.kind !== 'refused') return 'database_unreachable';
  switch (error.code) {
    case 'time_in_use_elsewhere':
      return 'time_in_use_elsewhere';
    case 'kiosk_revoked':
      return 'kiosk_revoked';
    case 'no_time_left':
    case 'no_visit_grant':
      return 'no_time_left';
    default:
      return 'database_unreachable';
  }
}
