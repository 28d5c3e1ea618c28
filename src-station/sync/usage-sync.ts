/**
 * Sends the usage log to the server: in order, one batch in flight, again and again until it is confirmed. What is
 * sent twice counts once (the server keeps the last sequence number and hash of the epoch), so the only rule here is
 * never to lose a row and never to believe a history that is not ours.
 */
import type { Logger } from '../../src-runtime/log.ts';
import type { PostUsageAnswer, UsageRow } from '../../src-shared/database.ts';
import { type Backoff, backoffMs } from '../../src-shared/retry.ts';
import type { Clock, Timer } from '../clock.ts';
import type { ParkedRow, UsageStore } from '../store/index.ts';
import type { DoorError, MeteringDatabase } from '../supabase-door/index.ts';

export interface UsageSyncOptions {
  store: UsageStore;
  database: Pick<MeteringDatabase, 'postUsage' | 'onReachable'>;
  clock: Clock;
  log: Logger;
  /** 0 … 1, for jitter. */
  random: () => number;
  /** Called after the server has answered, whatever it said: rows may be confirmed, and it is there. */
  onAnswer: () => void;
}

interface Batch {
  epoch: string;
  rows: readonly UsageRow[];
}

/** Most rows in one call. */
export const BATCH_ROWS = 500;
/** How often rows are sent while a talk runs. */
export const TALKING_PERIOD_MS = 5_000;
/** After rows that could not be sent; half of each wait is chance, so that many kiosks don't march in step. */
export const USAGE_RETRY: Backoff = { firstMs: 2_000, longestMs: 60_000, jitter: 0.5 };

export class UsageSync {
  readonly #options: UsageSyncOptions;
  #running: Promise<void> | null = null;
  #again = false;
  #failures = 0;
  #lastFault: string | null = null;
  #retryTimer: Timer | null = null;
  #talkingTimer: Timer | null = null;
  #stopped = false;
  /**
   * Epochs to ask about even when nothing is unsent: while this station or the server was away, either may have been
   * put back to an older state, and neither would tell by itself.
   */
  readonly #unasked: Set<string>;
  readonly #unsubscribe: () => void;

  constructor(options: UsageSyncOptions) {
    this.#options = options;
    this.#unasked = new Set(options.store.sendableEpochs);
    this.#unsubscribe = options.database.onReachable((reachable) => {
      if (reachable) this.#sendAtOnce();
    });
  }

  /** There is something worth sending now; during a back-off it waits for its turn. */
  nudge(): void {
    if (this.#stopped || this.#retryTimer) return;
    if (this.#running) this.#again = true;
    else void this.#send();
  }

  /** While a talk runs its rows are sent every few seconds. */
  setTalking(talking: boolean): void {
    this.#talkingTimer?.cancel();
    this.#talkingTimer = null;
    if (!talking || this.#stopped) return;
    this.#talkingTimer = this.#options.clock.setTimer(() => {
      this.nudge();
      this.setTalking(true);
    }, TALKING_PERIOD_MS);
  }

  /** Sends now, whatever the back-off says. True when nothing is left unsent. */
  async flush(): Promise<boolean> {
    while (this.#running) await this.#running;
    if (this.#stopped) return this.#options.store.backlogRows === 0;
    this.#retryTimer?.cancel();
    this.#retryTimer = null;
    if (this.#options.store.backlogRows > 0 || this.#unasked.size > 0) await this.#send();
    return this.#options.store.backlogRows === 0;
  }

  /** Rows the server kept aside within a day. Closing a lease it does not know (never opened) is no loss. */
  get parkedRows(): ParkedRow[] {
    return this.#options.store.notes.parkedLately.filter((row) => row.kind !== 'lease_closed');
  }

  /** `ok`, or what keeps rows here, for the health report. */
  get healthLine(): string {
    const { quarantined } = this.#options.store;
    const { parkedRows } = this;
    if (quarantined.length > 0) {
      return `The server knows another history of this store (${quarantined.length} times): rows were kept aside; was the disk restored or copied? Call the operator.`;
    }
    if (parkedRows.length > 0) {
      const last = parkedRows.at(-1);
      return `The server kept ${parkedRows.length} usage rows aside, the last because: ${last?.reason ?? ''}`;
    }
    return this.#lastFault ?? 'ok';
  }

  stop(): void {
    this.#stopped = true;
    this.#unsubscribe();
    this.#retryTimer?.cancel();
    this.#talkingTimer?.cancel();
  }

  #sendAtOnce(): void {
    for (const epoch of this.#options.store.sendableEpochs) this.#unasked.add(epoch);
    this.#failures = 0;
    this.#retryTimer?.cancel();
    this.#retryTimer = null;
    this.nudge();
  }

  #send(): Promise<void> {
    this.#running = this.#sendAll().finally(() => {
      this.#running = null;
      if (!this.#again) return;
      this.#again = false;
      this.nudge();
    });
    return this.#running;
  }

  async #sendAll(): Promise<void> {
    while (!this.#stopped) {
      try {
        const batch = this.#options.store.nextBatch(BATCH_ROWS) ?? this.#question();
        if (!batch) break;
        const answer = await this.#options.database.postUsage(batch.epoch, batch.rows);
        if (this.#stopped) return;
        const fault = answer.ok
          ? this.#accept(batch, answer.value)
          : await this.#refused(batch, answer.error);
        if (this.#stopped) return;
        if (answer.ok || answer.error.kind === 'refused') this.#options.onAnswer();
        if (fault !== null) return this.#failed(fault);
        this.#failures = 0;
        this.#lastFault = null;
      } catch (error) {
        return this.#failed(error instanceof Error ? error.message : String(error));
      }
    }
  }

  /** An empty batch asks where the server stands. */
  #question(): Batch | null {
    const [epoch] = this.#unasked;
    return epoch === undefined ? null : { epoch, rows: [] };
  }

  /** Takes over what the server knows. Null when that moved us on, else what is wrong. */
  #accept(batch: Batch, answer: PostUsageAnswer): string | null {
    const { store, log } = this.#options;
    const { epoch, rows } = batch;
    this.#unasked.delete(epoch);
    if (answer.parked.length > 0) {
      const kindOf = (seq: number) => rows.find((row) => row.seq === seq)?.kind ?? '';
      store.notes.park(
        epoch,
        answer.parked.map((row) => ({ ...row, kind: kindOf(row.seq) })),
      );
      log.error({ epoch, parked: answer.parked }, 'the server kept usage rows aside');
    }
    const head = store.head(epoch);
    if (!head || this.#isOtherHistory(epoch, answer)) {
      return this.#quarantine(epoch, `the server is at row ${answer.lastSeq}, which is not ours`);
    }
    const before = head.confirmedSeq;
    store.confirm(epoch, answer.lastSeq);
    if (answer.lastSeq > before || (answer.lastSeq === before && rows.length === 0)) return null;
    return answer.lastSeq === before
      ? `the server takes no row after ${before}`
      : `the server lost rows it had confirmed (${answer.lastSeq + 1} to ${before}); sending them again`;
  }

  async #refused(batch: Batch, error: DoorError): Promise<string | null> {
    if (error.kind !== 'refused' || error.code !== 'stream_forked') return error.detail;
    // A server that was restored from a backup misses rows and calls that a fork too: ask where it stands.
    const standing = await this.#options.database.postUsage(batch.epoch, []);
    if (this.#stopped) return null;
    if (!standing.ok) return standing.error.detail;
    const fault = this.#accept(batch, standing.value);
    return fault === null ? null : `${fault} (${error.detail})`;
  }

  #isOtherHistory(epoch: string, answer: PostUsageAnswer): boolean {
    const { store } = this.#options;
    if (!store.canResendAfter(epoch, answer.lastSeq)) return true;
    const ours = store.hashAt(epoch, answer.lastSeq);
    return ours !== null && ours !== answer.lastHash;
  }

  #quarantine(epoch: string, reason: string): null {
    this.#options.log.error(
      { epoch, reason },
      'usage rows contradict the server: kept aside, new epoch begun',
    );
    this.#options.store.quarantine(epoch, reason);
    return null;
  }

  #failed(fault: string): void {
    this.#failures += 1;
    this.#lastFault = `${this.#options.store.backlogRows} usage rows wait to be sent: ${fault}`;
    const delayMs = backoffMs(USAGE_RETRY, this.#failures, this.#options.random());
    this.#options.log.warn({ fault, failures: this.#failures, delayMs }, 'usage rows could not be sent');
    this.#again = false;
    this.#retryTimer = this.#options.clock.setTimer(() => {
      this.#retryTimer = null;
      this.nudge();
    }, delayMs);
  }
}
