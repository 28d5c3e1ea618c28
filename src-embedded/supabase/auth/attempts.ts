/**
 * Counts tries per key in a sliding window, in memory. Promise: after `limit` tries within `windowMs` a key is blocked
 * until the oldest of them has left the window; memory stays bounded whatever keys are tried.
 */
export interface AttemptLimiterOptions {
  limit: number;
  windowMs: number;
  /** Monotonic milliseconds. */
  now: () => number;
  /** Most keys remembered; the ones untouched longest are forgotten first. */
  maxKeys?: number;
}

export class AttemptLimiter {
  readonly #tries = new Map<string, { at: number }[]>();
  readonly #options: Required<AttemptLimiterOptions>;

  constructor(options: AttemptLimiterOptions) {
    this.#options = { maxKeys: 10_000, ...options };
  }

  /** Seconds until `key` may try again; 0 when it may now. */
  blockedSeconds(key: string): number {
    const recent = this.#recent(key);
    const oldest = recent[0];
    if (recent.length < this.#options.limit || oldest === undefined) return 0;
    return Math.max(1, Math.ceil((oldest.at + this.#options.windowMs - this.#options.now()) / 1000));
  }

  /**
   * Counts a try, before it is known to fail, so that tries made at once can't all slip through.
   * The function returned takes it back.
   */
  add(key: string): () => void {
    const entry = { at: this.#options.now() };
    this.#keep(key, [...this.#recent(key), entry].slice(-this.#options.limit));
    return () => {
      const others = this.#recent(key).filter((other) => other !== entry);
      if (others.length === 0) this.#tries.delete(key);
      else this.#tries.set(key, others);
    };
  }

  /** A success clears the slate. */
  clear(key: string): void {
    this.#tries.delete(key);
  }

  #keep(key: string, entries: { at: number }[]): void {
    this.#tries.delete(key);
    this.#tries.set(key, entries);
    if (this.#tries.size <= this.#options.maxKeys) return;
    const [longestUntouched] = this.#tries.keys();
    if (longestUntouched !== undefined) this.#tries.delete(longestUntouched);
  }

  #recent(key: string): { at: number }[] {
    const since = this.#options.now() - this.#options.windowMs;
    return (this.#tries.get(key) ?? []).filter(({ at }) => at > since);
  }
}
