/** Tells when a costly part has been idle for long enough to be put away until it is needed again. */
export class RestTimer {
  readonly #afterMs: number;
  readonly #rest: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** `rest` is called once when nothing was touched for `afterMs`. */
  constructor(afterMs: number, rest: () => void) {
    this.#afterMs = afterMs;
    this.#rest = rest;
  }

  /** It is in use now: the time begins anew. */
  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#rest, this.#afterMs);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
