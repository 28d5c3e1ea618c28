/**
 * The account of one running talk: drives the meter by the clock and the page's heartbeats, writes each due second
 * into the store before it counts, keeps the lease filled, and tells what changed.
 */
import type { Logger } from '../../src-runtime/log.ts';
import type { EndReason, MeterState, TalkHeartbeat } from '../../src-shared/visit.ts';
import type { Clock, Timer } from '../clock.ts';
import { StoreWriteError, type UsageEntry, type UsageStore } from '../store/index.ts';
import type { MeteringEvent, TalkAccount, TalkTotals } from './contract.ts';
import { LowTime } from './low-time.ts';
import { dueSeconds, type MeterInput, newMeter, recorded, stepMeter } from './meter.ts';
import { type LegStanding, legStanding, type Meter, standing } from './meter-rules.ts';
import type { TalkFunds } from './talk-funds.ts';

export interface AccountOptions {
  talkId: string;
  userId: string;
  visitId: string;
  funds: TalkFunds;
  store: UsageStore;
  /** Counts the machine's sleep. */
  clock: Clock;
  log: Logger;
  isDatabaseReachable: () => boolean;
  emit: (event: MeteringEvent) => void;
  /** The talk is over; `ending` says so in the log. */
  onEnd: (account: Account, ending: UsageEntry) => void;
}

/** How often the meter looks at the clock. */
const LOOK_EVERY_MS = 250;
const TICK_EVERY_MS = 1_000;
/** How often the free space of the disk is looked at. */
const ROOM_EVERY_MS = 5_000;
/** A visit that does not end its talk after `mustEnd` has it ended for it. */
const END_ITSELF_AFTER_MS = 30_000;

export class Account implements TalkAccount {
  readonly talkId: string;
  readonly userId: string;
  readonly visitId: string;
  readonly #options: AccountOptions;
  readonly #startedAtMs: number;
  readonly #lowTime: LowTime;
  #meter: Meter;
  #told: { state: MeterState; chargedSeconds: number; remainingSeconds: number; atMs: number } | null = null;
  #roomSeenAtMs = Number.NEGATIVE_INFINITY;
  #lookTimer: Timer | null = null;
  #endTimer: Timer | null = null;
  #totals: TalkTotals | null = null;

  /** The caller has written `talk_started`. */
  constructor(options: AccountOptions, startedAtMs: number) {
    this.#options = options;
    this.talkId = options.talkId;
    this.userId = options.userId;
    this.visitId = options.visitId;
    this.#startedAtMs = startedAtMs;
    const { clock, funds } = options;
    this.#meter = newMeter(clock.monotonicMs(), funds.reservedSeconds, funds.validUntilMs);
    this.#lowTime = new LowTime(this.#usableSeconds);
    this.#scheduleLook();
  }

  get state(): MeterState {
    return this.#totals ? 'ended' : standing(this.#meter).state;
  }

  get chargedSeconds(): number {
    return this.#meter.chargedSeconds;
  }

  get remainingSeconds(): number {
    return this.#options.funds.unusedSeconds + this.#options.funds.availableSeconds;
  }

  heartbeat(beat: TalkHeartbeat): LegStanding {
    if (this.#totals || beat.talkId !== this.talkId) return 'waiting';
    this.#step({ type: 'beat', beat });
    return legStanding(this.#meter);
  }

  pause(): void {
    this.#step({ type: 'pause' });
  }

  resume(): void {
    this.#step({ type: 'resume' });
  }

  setPaymentPending(pending: boolean): void {
    // The payment may have brought seconds: ask before the meter finds itself at zero with nothing to wait for.
    if (!pending && this.#meter.paymentPending) this.refresh();
    this.#step({ type: 'paymentPending', pending });
  }

  refresh(): void {
    if (this.#totals) return;
    this.#options.funds.refresh();
    this.fundsChanged();
  }

  /** The lease or a question for more changed. */
  fundsChanged(): void {
    if (this.#totals) return;
    const { funds } = this.#options;
    const { reservedSeconds, validUntilMs } = funds;
    this.#step({ type: 'funds', reservedSeconds, validUntilMs });
    this.#step({ type: 'fundsAsked', asked: funds.asking });
  }

  end(reason: EndReason): TalkTotals {
    if (this.#totals) return this.#totals;
    this.#step({ type: 'tick' });
    // A listener may have ended the talk on what this step brought out.
    if (this.#totals) return this.#totals;
    const { clock, funds, talkId, userId, visitId } = this.#options;
    const endedAtMs = Math.trunc(clock.wallMs());
    this.#totals = {
      talkId,
      startedAtMs: this.#startedAtMs,
      endedAtMs,
      chargedSeconds: this.#meter.chargedSeconds,
      endReason: reason,
    };
    this.#lookTimer?.cancel();
    this.#endTimer?.cancel();
    funds.stop();
    const common = { talkId, userId, visitId, seconds: 0, atMs: endedAtMs };
    this.#options.onEnd(this, { ...common, kind: 'talk_ended', leaseId: null, note: reason });
    this.#tell();
    return this.#totals;
  }

  #look(): void {
    if (this.#totals) return;
    const { funds } = this.#options;
    this.#step({ type: this.#hasRoom() ? 'tick' : 'storageFailed' });
    funds.look();
    if (this.#meter.fundsAsked !== funds.asking) this.fundsChanged();
    this.#scheduleLook();
  }

  /** The talk ends while its end can still be written, not when the disk is full to the last byte. */
  #hasRoom(): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#roomSeenAtMs < ROOM_EVERY_MS) return true;
    this.#roomSeenAtMs = nowMs;
    return this.#options.store.hasRoomToGoOn();
  }

  #scheduleLook(): void {
    if (!this.#totals) this.#lookTimer = this.#options.clock.setTimer(() => this.#look(), LOOK_EVERY_MS);
  }

  #step(input: MeterInput): void {
    if (this.#totals) return;
    const before = this.#meter;
    const nowMs = this.#options.clock.monotonicMs();
    this.#meter = stepMeter(before, input, nowMs);
    this.#recordDue();
    this.#tellSilence(before);
    this.#tell();
    if (this.#meter.mustEnd && !before.mustEnd) this.#demandEnd(this.#meter.mustEnd);
  }

  /** Each second goes to the disk first and counts after that. */
  #recordDue(): void {
    const { store, funds, clock, log, talkId, userId, visitId } = this.#options;
    try {
      while (dueSeconds(this.#meter) > 0) {
        const { leaseId } = funds;
        const atMs = clock.wallMs();
        store.append([{ kind: 'tick', talkId, leaseId, userId, visitId, seconds: 1, note: '', atMs }]);
        funds.use();
        this.#meter = recorded(this.#meter);
      }
    } catch (error) {
      if (!(error instanceof StoreWriteError)) throw error;
      log.error({ err: error, talkId }, 'a second could not be recorded; the talk must end');
      this.#meter = stepMeter(this.#meter, { type: 'storageFailed' }, clock.monotonicMs());
    }
  }

  #tellSilence(before: Meter): void {
    const { emit } = this.#options;
    const [was, is] = [before.silentSinceMs !== null, this.#meter.silentSinceMs !== null];
    if (is && !was) emit({ type: 'stillThere', talkId: this.talkId });
    if (was && !is && !this.#meter.mustEnd) emit({ type: 'silenceOver', talkId: this.talkId });
  }

  #tell(): void {
    const { talkId, state, chargedSeconds, remainingSeconds } = this;
    const atMs = this.#options.clock.monotonicMs();
    const told = this.#told;
    const same =
      told?.state === state &&
      told.chargedSeconds === chargedSeconds &&
      told.remainingSeconds === remainingSeconds;
    if (told && same && atMs - told.atMs < TICK_EVERY_MS) return;
    this.#told = { state, chargedSeconds, remainingSeconds, atMs };
    this.#options.emit({ type: 'tick', talkId, state, chargedSeconds, remainingSeconds });
    const usableSeconds = this.#usableSeconds;
    if (this.#lowTime.crossed(usableSeconds) && usableSeconds > 0 && !this.#totals) {
      this.#options.emit({ type: 'lowTime', talkId, usableSeconds });
    }
  }

  /** What can be talked away as things are: while the database is away only what is reserved and still valid. */
  get #usableSeconds(): number {
    const { funds, clock, isDatabaseReachable } = this.#options;
    if (isDatabaseReachable()) return this.remainingSeconds;
    const validSeconds = Math.max(0, Math.floor((funds.validUntilMs - clock.monotonicMs()) / 1000));
    return Math.min(funds.unusedSeconds, validSeconds);
  }

  #demandEnd(reason: EndReason): void {
    if (this.#totals) return;
    this.#options.emit({ type: 'mustEnd', talkId: this.talkId, reason });
    if (this.#totals) return;
    this.#endTimer = this.#options.clock.setTimer(() => {
      this.#options.log.warn({ talkId: this.talkId, reason }, 'nobody ended this talk; ending it now');
      this.end(reason);
    }, END_ITSELF_AFTER_MS);
  }
}
