/**
 * Metering over a store and a database, whatever they are: opens and closes the accounts of talks, closes what a
 * crash left open, and knows what the server has confirmed.
 */
import type { Logger } from '../../src-runtime/log.ts';
import type { Balance } from '../../src-shared/relay-api.ts';
import type { EndReason } from '../../src-shared/visit.ts';
import type { Clock, Timer } from '../clock.ts';
import { type OpenTalk, StoreWriteError, type UsageEntry, type UsageStore } from '../store/index.ts';
import type { MeteringDatabase } from '../supabase-door/index.ts';
import { UsageSync } from '../sync/index.ts';
import { judgeClock } from './clock-guard.ts';
import type { Metering, MeteringEvent, OpenTalkRefusal, TalkAccount, TalkTotals } from './contract.ts';
import { EndWriter } from './end-writer.ts';
import { KeptLease } from './kept-lease.ts';
import { closingRow, LeaseDesk, type TalkOfLease } from './lease-desk.ts';
import { countingSleep } from './sleep-clock.ts';
import { Account } from './talk-account.ts';
import { type Lease, TalkFunds, unusedSecondsOf } from './talk-funds.ts';

export interface MeteringParts {
  store: UsageStore;
  database: MeteringDatabase;
  clock: Clock;
  log: Logger;
  random: () => number;
}

/** Longest wait for unsent rows before a new talk, and at the stop. */
const FLUSH_WAIT_MS = 5_000;
const STOP_WAIT_MS = 2_000;

export class MeteringCore implements Metering {
  readonly interruptedTalk: Metering['interruptedTalk'];
  readonly #parts: MeteringParts;
  /** For all that has an age on the server: leases, and the talks that use them. */
  readonly #leaseClock: Clock;
  readonly #sync: UsageSync;
  readonly #desk: LeaseDesk;
  readonly #kept: KeptLease;
  readonly #ends: EndWriter;
  readonly #accounts = new Map<string, Account>();
  readonly #listeners = new Set<(event: MeteringEvent) => void>();
  readonly #balances = new Map<string, Balance>();
  /** Talks of this process, and those an earlier one could not send to the end; whether they were settled when last told. */
  readonly #settled = new Map<string, boolean>();
  #server: { timeMs: number; atMs: number } | null = null;
  #stopped = false;

  constructor(parts: MeteringParts) {
    this.#parts = parts;
    const { store, database, clock, log, random } = parts;
    this.#leaseClock = countingSleep(clock, (sleptMs) =>
      log.warn(
        { sleptMs },
        'the machine slept, or its clock was set forward: not charged, and leases are that much older',
      ),
    );
    this.#desk = new LeaseDesk({ store, database, clock: this.#leaseClock, log });
    this.#kept = new KeptLease({
      clock: this.#leaseClock,
      close: (talk, leaseId) => this.#ends.write([closingRow(talk, leaseId, clock.wallMs())]),
    });
    this.#ends = new EndWriter({ store, clock, log, onWritten: (rows) => this.#endWritten(rows) });
    this.#sync = new UsageSync({
      store,
      database,
      clock,
      log,
      random,
      onAnswer: () => {
        this.#kept.letGo();
        this.#tellSettled();
      },
    });
    this.interruptedTalk = this.#closeInterrupted();
    for (const talkId of store.unsettledTalkIds()) this.#settled.set(talkId, false);
    database.onReachable((reachable) => {
      this.#emit({ type: 'database', reachable });
      if (reachable) this.#tidyAndSend();
    });
    if (database.reachable) this.#tidyAndSend();
  }

  get databaseReachable(): boolean {
    return this.#parts.database.reachable;
  }

  get backlogRows(): number {
    return this.#parts.store.backlogRows;
  }

  get keptSeconds(): number {
    return this.#kept.keptSeconds;
  }

  walletIs(userId: string | null): void {
    if (this.#kept.userId !== userId) this.#kept.letGo();
  }

  get quarantinedEpochs(): number {
    return this.#stopped ? 0 : this.#parts.store.quarantined.length;
  }

  get parkedRows(): number {
    return this.#stopped ? 0 : this.#sync.parkedRows.length;
  }

  /** Lines for `/health`. */
  health(): Record<string, string> {
    const { store } = this.#parts;
    if (this.#stopped) return { usage_store: 'The station is stopping.' };
    const room = store.hasRoomToBegin() ? 'ok' : 'The disk is nearly full: no talk can begin. Make room.';
    const unwritten = this.#ends.isBehind ? 'The end of a talk could not be written yet.' : room;
    return { usage_store: store.findings[0] ?? unwritten, usage_sync: this.#sync.healthLine };
  }

  onEvent(listener: (event: MeteringEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  isSettled(talkId: string): boolean {
    if (this.#stopped) return false;
    return (
      !this.#ends.isBehindWith(talkId) && !this.#accounts.has(talkId) && this.#parts.store.isSettled(talkId)
    );
  }

  async balance(userId: string): Promise<Balance | null> {
    const { database, clock, log } = this.#parts;
    const result = await database.balance(userId);
    if (result.ok) {
      this.#balances.set(userId, result.value);
      this.#server = { timeMs: Date.parse(result.value.asOf), atMs: clock.monotonicMs() };
      return result.value;
    }
    log.warn({ error: result.error }, 'no fresh balance');
    if (result.error.kind === 'refused') this.#balances.delete(userId);
    return this.#balances.get(userId) ?? null;
  }

  async openTalk(talk: TalkOfLease): Promise<TalkAccount | OpenTalkRefusal> {
    const running = this.#accounts.get(talk.talkId);
    if (running) return running;
    try {
      if (!(await this.#isClockRight(talk.userId))) return 'clock_wrong';
      if (!this.#parts.store.hasRoomToBegin() || this.#ends.isBehind) return 'storage_full';
      const { reachable } = this.#parts.database;
      if (reachable) await this.#sendWhatIsLeft();
      const kept = this.#kept.take(talk);
      if (kept) return this.#talkOn(talk, kept);
      const lease = reachable ? await this.#desk.open(talk) : await this.#desk.open(talk, 1);
      if (typeof lease === 'string') return lease;
      return this.#begin(talk, lease);
    } catch (error) {
      if (!(error instanceof StoreWriteError)) throw error;
      this.#parts.log.error({ err: error, talkId: talk.talkId }, 'no talk without a store');
      return 'storage_full';
    }
  }

  /** Ends running talks, sends what it can in a short time and closes the store. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    for (const account of [...this.#accounts.values()]) account.end('station_restarted');
    this.#kept.letGo();
    await this.#within(this.#sync.flush(), STOP_WAIT_MS);
    this.#stopped = true;
    this.#sync.stop();
    this.#ends.stop();
    this.#listeners.clear();
    this.#parts.store.close();
  }

  /** The server does not answer: the talk begins with what the one before has left. */
  #talkOn(talk: TalkOfLease, kept: Lease): Account | OpenTalkRefusal {
    const account = this.#begin(talk, kept);
    // What it left may be little, or not valid for long.
    if (account instanceof Account) account.refresh();
    return account;
  }

  #begin(talk: TalkOfLease, lease: Lease): Account | OpenTalkRefusal {
    const { store, database, log, random } = this.#parts;
    const clock = this.#leaseClock;
    const { leaseId } = lease;
    const unusedSeconds = unusedSecondsOf(lease);
    const startedAtMs = Math.trunc(clock.wallMs());
    if (this.#stopped || unusedSeconds === 0) {
      this.#desk.released(leaseId);
      void this.#desk.tidy();
      return this.#stopped ? 'database_unreachable' : 'no_time_left';
    }
    try {
      const row = { ...talk, leaseId, seconds: 0, note: '', atMs: startedAtMs };
      store.append([{ ...row, kind: 'talk_started' }]);
    } catch (error) {
      this.#desk.released(leaseId);
      throw error;
    }
    const onChange = () => this.#accounts.get(talk.talkId)?.fundsChanged();
    const funds = new TalkFunds(
      { ...talk, store, database, clock, log, random, onChange, onLease: (id) => this.#desk.taken(id) },
      lease,
    );
    const account = new Account(
      {
        ...talk,
        funds,
        store,
        clock,
        log,
        isDatabaseReachable: () => database.reachable,
        emit: (event) => this.#emit(event),
        onEnd: (ended, ending) => this.#ended(ended, ending, funds),
      },
      startedAtMs,
    );
    this.#accounts.set(talk.talkId, account);
    this.#settled.set(talk.talkId, false);
    this.#sync.setTalking(true);
    log.info({ ...talk, leaseId, unusedSeconds }, 'talk begun');
    return account;
  }

  #ended(account: Account, ending: UsageEntry, funds: TalkFunds): void {
    const { talkId, userId, visitId, chargedSeconds: seconds } = account;
    this.#accounts.delete(talkId);
    this.#sync.setTalking(this.#accounts.size > 0);
    this.#ends.write([ending]);
    if (funds.rest) this.#kept.keep({ talkId, userId, visitId }, funds.rest);
    this.#parts.log.info({ talkId, seconds, note: ending.note }, 'talk ended');
    if (!funds.askedLeaseId) return;
    this.#desk.released(funds.askedLeaseId);
    this.#tidyAndSend();
  }

  #endWritten(rows: readonly UsageEntry[]): void {
    for (const { kind, leaseId } of rows) {
      if (kind === 'lease_closed' && leaseId !== null) this.#desk.released(leaseId);
    }
    this.#sync.nudge();
  }

  /** Ends the talks that a crash left open, at their last durable second. */
  #closeInterrupted(): Metering['interruptedTalk'] {
    let latest: Metering['interruptedTalk'] = null;
    for (const talk of this.#parts.store.openTalks()) {
      const endReason: EndReason = 'station_restarted';
      const { talkId, leaseIds, chargedSeconds, startedAtMs, lastRowAtMs } = talk;
      for (const leaseId of leaseIds) this.#desk.taken(leaseId);
      this.#ends.write(endOfInterrupted(talk, endReason));
      const totals: TalkTotals = { talkId, startedAtMs, endedAtMs: lastRowAtMs, chargedSeconds, endReason };
      this.#settled.set(talkId, false);
      this.#parts.log.warn({ talkId, chargedSeconds }, 'closed a talk that was interrupted');
      latest = { ...totals, userId: talk.userId, visitId: talk.visitId };
    }
    return latest;
  }

  /** The server opens no new lease while it knows an old one of ours, so the ends go out first. */
  async #sendWhatIsLeft(): Promise<void> {
    await this.#within(
      this.#desk.tidy().then(() => this.#sync.flush()),
      FLUSH_WAIT_MS,
    );
  }

  #tidyAndSend(): void {
    void this.#desk.tidy().then(() => this.#sync.nudge());
  }

  async #within(work: Promise<unknown>, limitMs: number): Promise<void> {
    let timer: Timer | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = this.#parts.clock.setTimer(resolve, limitMs);
    });
    await Promise.race([work, limit]);
    timer?.cancel();
  }

  async #isClockRight(userId: string): Promise<boolean> {
    const first = this.#judgeClock();
    if (first === 'ok') return true;
    if (first === 'wrong') await this.balance(userId);
    const verdict = first === 'wrong' ? this.#judgeClock() : first;
    if (verdict === 'lastSeenWrong') this.#parts.store.notes.setLastSeenWall(this.#parts.clock.wallMs());
    if (verdict === 'wrong') this.#parts.log.error('the clock of this machine is wrong; set it');
    return verdict !== 'wrong';
  }

  #judgeClock() {
    const { clock, store } = this.#parts;
    const serverMs = this.#server && this.#server.timeMs + clock.monotonicMs() - this.#server.atMs;
    return judgeClock({ wallMs: clock.wallMs(), lastSeenMs: store.notes.lastSeenWallMs, serverMs });
  }

  #tellSettled(): void {
    for (const [talkId, told] of this.#settled) {
      const settled = this.isSettled(talkId);
      if (settled === told) continue;
      if (settled) this.#settled.delete(talkId);
      else this.#settled.set(talkId, settled);
      this.#emit({ type: 'settled', talkId });
    }
  }

  #emit(event: MeteringEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        this.#parts.log.error({ err: error, event: event.type }, 'a listener of metering failed');
      }
    }
  }
}

function endOfInterrupted(talk: OpenTalk, note: EndReason): UsageEntry[] {
  const { talkId, lastRowAtMs: atMs } = talk;
  const common = { talkId, userId: talk.userId || null, visitId: talk.visitId || null, seconds: 0, atMs };
  return [
    ...talk.leaseIds.map((leaseId) => closingRow(common, leaseId, atMs)),
    { ...common, kind: 'talk_ended', leaseId: null, note },
  ];
}
