/** So many requests a minute, of one phone and of all: what lies behind is shared with the kiosk itself. */

const WINDOW_MS = 60_000;

export class RequestBudget {
  readonly #limits: { each: number; all: number };
  #windowFromMs = Number.NEGATIVE_INFINITY;
  #counts = new Map<string, number>();
  #total = 0;

  constructor(limits: { each: number; all: number }) {
    this.#limits = limits;
  }

  /** Counts a request of `address`; false when it is one too many. @param nowMs monotonic */
  take(address: string, nowMs: number): boolean {
    if (nowMs - this.#windowFromMs >= WINDOW_MS) {
      this.#windowFromMs = nowMs;
      this.#counts = new Map();
      this.#total = 0;
    }
    const count = (this.#counts.get(address) ?? 0) + 1;
    if (count > this.#limits.each || this.#total >= this.#limits.all) return false;
    this.#counts.set(address, count);
    this.#total += 1;
    return true;
  }
}
