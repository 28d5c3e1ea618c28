/**
 * Keeps work that is nice to have within a share of one processor core, by the clock and what each piece is known to
 * cost. Promise: whatever is asked for, the pieces that were allowed cost no more than the share of the time that passed,
 * but for one piece and what was saved up while nothing was asked for.
 */
export class ProcessorShare {
  readonly #share: number;
  readonly #savedMs: number;
  readonly #nowMs: () => number;
  #freeAtMs = Number.NEGATIVE_INFINITY;

  /** `share` of one core, 0..1; at most the last `savedMs` are saved up; `nowMs` is a clock that never goes back. */
  constructor(share: number, savedMs: number, nowMs: () => number = () => performance.now()) {
    this.#share = share;
    this.#savedMs = savedMs;
    this.#nowMs = nowMs;
  }

  /** True when work of this cost may start now; it then counts as done. */
  start(costMs: number): boolean {
    const now = this.#nowMs();
    if (now < this.#freeAtMs) return false;
    this.#freeAtMs = Math.max(this.#freeAtMs, now - this.#savedMs) + costMs / this.#share;
    return true;
  }
}

/** What it costs to hear an utterance anew (measured): a decoder is loaded, and the audio runs through it. */
const LOAD_COST_MS = 70;
const DECODE_COST = 0.08;

/** Processor time for so much audio. */
export function anewCostMs(audioMs: number): number {
  return LOAD_COST_MS + DECODE_COST * audioMs;
}
