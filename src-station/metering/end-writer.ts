/**
 * Writes the ends of talks and of leases into the log, again and again while the disk is full. Until then a restart
 * would find them open and write them itself.
 */
import type { Logger } from '../../src-runtime/log.ts';
import type { Clock, Timer } from '../clock.ts';
import type { UsageEntry, UsageStore } from '../store/index.ts';

export interface EndWriterOptions {
  store: UsageStore;
  clock: Clock;
  log: Logger;
  /** Rows that belong together are in the log now. */
  onWritten: (rows: readonly UsageEntry[]) => void;
}

const RETRY_MS = 1_000;

export class EndWriter {
  readonly #options: EndWriterOptions;
  #unwritten: UsageEntry[][] = [];
  #retryTimer: Timer | null = null;

  constructor(options: EndWriterOptions) {
    this.#options = options;
  }

  /** Writes these rows, now or as soon as there is room. */
  write(rows: UsageEntry[]): void {
    const { store, clock, log, onWritten } = this.#options;
    try {
      store.append(rows);
    } catch (error) {
      log.error({ err: error }, 'the end of a talk could not be written; trying again');
      this.#unwritten.push(rows);
      this.#retryTimer ??= clock.setTimer(() => this.#retry(), RETRY_MS);
      return;
    }
    onWritten(rows);
  }

  /** Something could not be written yet. */
  get isBehind(): boolean {
    return this.#unwritten.length > 0;
  }

  /** Something of this talk could not be written yet. */
  isBehindWith(talkId: string): boolean {
    return this.#unwritten.flat().some((row) => row.talkId === talkId);
  }

  stop(): void {
    this.#retryTimer?.cancel();
  }

  #retry(): void {
    this.#retryTimer = null;
    for (const rows of this.#unwritten.splice(0)) this.write(rows);
  }
}
