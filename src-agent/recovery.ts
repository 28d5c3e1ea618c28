/**
 * What happens when a provider (hearing, thinking or speaking) fails in mid-talk. Promise: from the first failure until
 * the assistant's voice is heard again the talk counts as failing, so the station's clock stands still; the assistant
 * comes back by itself as soon as the providers answer, and says so; nobody has to touch anything.
 */
import { type Backoff, backoffMs } from '../src-shared/retry.ts';

/** Providers that do not answer are asked this often. */
const ASK_AGAIN_MS = 1_000;
/** The first try comes soon, for most failures are a moment's; providers that answer and fail all the same get longer. */
const RETRY: Backoff = { firstMs: 500, longestMs: 15_000 };
/** Without a failure for so long, the next one is a first one again. */
const FORGET_AFTER_MS = 60_000;

export interface RecoveryOptions {
  /** Whether all providers can be reached now. */
  ready(): Promise<boolean>;
  /** Says that the talk goes on. Resolves when that was heard (true) or came to nothing (false). */
  speak(): Promise<boolean>;
  wait(durationMs: number): Promise<void>;
  nowMs(): number;
}

export class Recovery {
  readonly #options: RecoveryOptions;
  #failing = false;
  #closed = false;
  #failures = 0;
  #lastFailureMs = Number.NEGATIVE_INFINITY;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /** True from a failure until the assistant was heard again. */
  get failing(): boolean {
    return this.#failing;
  }

  /** A provider failed. */
  failed(): void {
    const nowMs = this.#options.nowMs();
    if (nowMs - this.#lastFailureMs > FORGET_AFTER_MS) this.#failures = 0;
    this.#lastFailureMs = nowMs;
    if (this.#failing || this.#closed) return;
    this.#failing = true;
    void this.#recover();
  }

  /** The talk is over. */
  close(): void {
    this.#closed = true;
  }

  async #recover(): Promise<void> {
    const { wait, ready, speak } = this.#options;
    await wait(this.#pauseMs());
    while (!this.#closed) {
      if (!(await ready())) {
        await wait(ASK_AGAIN_MS);
        continue;
      }
      if (await speak()) break;
      await wait(this.#pauseMs());
    }
    this.#failing = false;
  }

  #pauseMs(): number {
    this.#failures += 1;
    return backoffMs(RETRY, this.#failures);
  }
}
