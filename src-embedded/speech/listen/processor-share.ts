/**
 * Keeps work that is nice to have within a share of one processor core, by the clock and what each piece is known to
 * cost. Promise: whatever is asked for, the pieces that were allowed cost no more than the share of the time that passed.
 */
export class ProcessorShare {
  readonly #share: number;
  readonly #nowMs: () => number;
  #freeAtMs = Number.NEGATIVE_INFINITY;

  /** `share` of one core, 0..1; `nowMs` is a clock that never goes back. */
  constructor(share: number, nowMs: () => number = () => performance.now()) {
    this.#share = share;
    this.#nowMs = nowMs;
  }

  /** True when work of this cost may start now; it then counts as done. */
  start(costMs: number): boolean {
    const now = this.#nowMs();
    if (now < this.#freeAtMs) return false;
    this.#freeAtMs = now + costMs / this.#share;
    return true;
  }
}
