/**
 * The seconds a talk may use: leases taken from the server in advance and refilled at half. Promises: never more in
 * use than the server reserved; every question is asked again under the same id until it is answered, so a lost
 * answer reserves nothing twice; the end of validity is counted from before the question, so the station's end is
 * never later than the server's.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from '../../src-runtime/log.ts';
import type { LeaseAnswer } from '../../src-shared/database.ts';
import { type Backoff, backoffMs } from '../../src-shared/retry.ts';
import type { Clock } from '../clock.ts';
import type { UsageStore } from '../store/index.ts';
import type { DoorResult, MeteringDatabase } from '../supabase-door/index.ts';

/** Most seconds reserved and unused at one time: what a kiosk that is lost with its disk can keep from its customer. */
export const CHUNK_SECONDS = 900;
/** More is asked for when no more than this is unused. */
export const REFILL_AT_SECONDS = CHUNK_SECONDS / 2;
/** A lease is renewed when it is valid for less than this. */
const RENEW_BEFORE_MS = 600_000;
/** How often the server is asked when it said that nothing is left, or said no. */
const ASK_AGAIN_MS = 60_000;
/** After a question without an answer; the customer's seconds run out meanwhile. */
const RETRY: Backoff = { firstMs: 2_000, longestMs: 15_000, jitter: 0.5 };

export interface TalkFundsOptions {
  talkId: string;
  userId: string;
  visitId: string;
  store: UsageStore;
  database: Pick<MeteringDatabase, 'openLease' | 'extendLease'>;
  /** Counts the machine's sleep. */
  clock: Clock;
  log: Logger;
  random: () => number;
  /** A further lease was taken for this talk. */
  onLease: (leaseId: string) => void;
  /** Something about the seconds or the question for more changed. */
  onChange: () => void;
}

/** A lease as it stands. */
export interface Lease {
  leaseId: string;
  /** Reserved by this lease in all. */
  reservedSeconds: number;
  /** Of these: charged. */
  chargedSeconds: number;
  /** Number of the last answered step. */
  step: number;
  /** Monotonic, the machine's sleep included. */
  validUntilMs: number;
  /** What the server last said is in the wallet beyond the reserved seconds. */
  availableSeconds: number;
}

interface Question {
  leaseId: string;
  /** 0 opens, 1 and more extend. */
  step: number;
  seconds: number;
}

export class TalkFunds {
  readonly #options: TalkFundsOptions;
  /** Seconds charged under leases that are no longer there, less those that an earlier talk used of the first one. */
  #chargedBefore: number;
  #lease: Lease;
  #question: Question | null = null;
  #inFlight = false;
  #failures = 0;
  #notBeforeMs = 0;
  #answeredAtMs: number;
  #refreshWanted = false;
  #stopped = false;
  /** The server ended our lease; another one has to be opened. */
  #isGone = false;

  /** @param lease the first lease of the talk: opened for it, or left by the talk before */
  constructor(options: TalkFundsOptions, lease: Lease) {
    this.#options = options;
    this.#lease = lease;
    this.#chargedBefore = -lease.chargedSeconds;
    this.#answeredAtMs = options.clock.monotonicMs();
  }

  /** Reserved for this talk in all, over its leases: charged, or still to be had. */
  get reservedSeconds(): number {
    return this.#chargedBefore + this.#lease.reservedSeconds;
  }

  /** Reserved and not charged. */
  get unusedSeconds(): number {
    return unusedSecondsOf(this.#lease);
  }

  /** What the server last said is there beyond the reserved seconds. */
  get availableSeconds(): number {
    return this.#lease.availableSeconds;
  }

  get validUntilMs(): number {
    return this.#lease.validUntilMs;
  }

  /** A question for more has not been answered yet. */
  get asking(): boolean {
    return this.#question !== null || this.#refreshWanted;
  }

  /** What the end of the talk leaves; null when the server ended the lease (an operator voided it). */
  get rest(): Lease | null {
    return this.#isGone ? null : { ...this.#lease };
  }

  /** A further lease that was asked for and not answered: the server may have it or not. */
  get askedLeaseId(): string | null {
    return this.#question?.step === 0 ? this.#question.leaseId : null;
  }

  /** The lease that the next second belongs to. */
  get leaseId(): string {
    return this.#lease.leaseId;
  }

  /** One second of the present lease was recorded. */
  use(): void {
    this.#lease.chargedSeconds += 1;
  }

  /** Asks as soon as possible, for example after a top-up. */
  refresh(): void {
    this.#refreshWanted = true;
    this.#notBeforeMs = 0;
    this.look();
  }

  /** To be called every now and then: asks for more when it is time. */
  look(): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#stopped || this.#inFlight || nowMs < this.#notBeforeMs) return;
    if (!this.#question && !this.#refreshWanted && !this.#isTime(nowMs)) return;
    this.#question ??= this.#nextQuestion();
    this.#refreshWanted = false;
    void this.#ask(this.#question, nowMs);
  }

  /** No more questions; answers still on their way are ignored. */
  stop(): void {
    this.#stopped = true;
  }

  #isTime(nowMs: number): boolean {
    const rested = nowMs - this.#answeredAtMs >= ASK_AGAIN_MS;
    if (this.#lease.validUntilMs - nowMs < RENEW_BEFORE_MS && rested) return true;
    return this.unusedSeconds <= REFILL_AT_SECONDS && (this.#lease.availableSeconds > 0 || rested);
  }

  #nextQuestion(): Question {
    const seconds = Math.max(1, CHUNK_SECONDS - this.unusedSeconds);
    return this.#isGone
      ? { leaseId: randomUUID(), step: 0, seconds }
      : { leaseId: this.#lease.leaseId, step: this.#lease.step + 1, seconds };
  }

  async #ask(question: Question, askedAtMs: number): Promise<void> {
    this.#inFlight = true;
    let answer: DoorResult<LeaseAnswer>;
    try {
      answer = await this.#send(question);
    } catch (error) {
      answer = { ok: false, error: { kind: 'unexpected', detail: String(error) } };
    }
    this.#inFlight = false;
    if (this.#stopped) return;
    if (answer.ok) this.#take(question, answer.value, askedAtMs);
    else this.#failed(question, answer.error);
    this.look();
    this.#options.onChange();
  }

  #send(question: Question): Promise<DoorResult<LeaseAnswer>> {
    const { database, store, talkId, userId, visitId } = this.#options;
    if (question.step > 0) {
      return database.extendLease(question.leaseId, question.step, question.seconds);
    }
    if (!store.leases.notClosed.some((lease) => lease.leaseId === question.leaseId)) {
      const { leaseId, seconds } = question;
      this.#options.onLease(leaseId);
      store.leases.asked({ leaseId, talkId, userId, visitId, askedSeconds: seconds });
    }
    return database.openLease(question.leaseId, userId, visitId, question.seconds);
  }

  #take(question: Question, answer: LeaseAnswer, askedAtMs: number): void {
    if (question.step === 0) {
      this.#chargedBefore += this.#lease.chargedSeconds;
      this.#lease = leaseOf(answer, askedAtMs);
      this.#isGone = false;
    } else {
      this.#lease.reservedSeconds = answer.totalSeconds;
      this.#lease.step = question.step;
      this.#lease.validUntilMs = askedAtMs + answer.validitySeconds * 1000;
      this.#lease.availableSeconds = answer.availableSeconds;
    }
    this.#answered();
    this.#note(() => this.#options.store.leases.granted(answer.leaseId, answer.totalSeconds));
  }

  #failed(question: Question, error: Extract<DoorResult<never>, { ok: false }>['error']): void {
    const { log, clock, random, store } = this.#options;
    log.warn({ leaseId: question.leaseId, step: question.step, error }, 'no answer about more seconds');
    if (error.kind !== 'refused') {
      this.#failures += 1;
      this.#notBeforeMs = clock.monotonicMs() + backoffMs(RETRY, this.#failures, random());
      return;
    }
    this.#answered();
    const isGone = error.code === 'lease_closed' || error.code === 'lease_unknown';
    if (question.step === 0) this.#note(() => store.leases.forget(question.leaseId));
    if (question.step > 0 && isGone) {
      this.#leaseIsGone();
    } else {
      this.#lease.availableSeconds = 0;
      this.#notBeforeMs = clock.monotonicMs() + ASK_AGAIN_MS;
    }
  }

  #leaseIsGone(): void {
    const { leaseId } = this.#lease;
    this.#note(() => this.#options.store.leases.forget(leaseId));
    this.#lease.reservedSeconds = this.#lease.chargedSeconds;
    this.#isGone = true;
    this.#refreshWanted = true;
  }

  /** Book-keeping for the next start; a full disk is noticed by the next second of talk, not here. */
  #note(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#options.log.error({ err: error }, 'a lease could not be noted');
    }
  }

  #answered(): void {
    this.#question = null;
    this.#failures = 0;
    this.#answeredAtMs = this.#options.clock.monotonicMs();
  }
}

/** Reserved and not charged. */
export function unusedSecondsOf({ reservedSeconds, chargedSeconds }: Lease): number {
  return reservedSeconds - chargedSeconds;
}

/** The lease that an answer makes. @param askedAtMs monotonic moment before the question went out */
export function leaseOf(answer: LeaseAnswer, askedAtMs: number): Lease {
  return {
    leaseId: answer.leaseId,
    reservedSeconds: answer.totalSeconds,
    chargedSeconds: 0,
    step: 0,
    validUntilMs: askedAtMs + answer.validitySeconds * 1000,
    availableSeconds: answer.availableSeconds,
  };
}
