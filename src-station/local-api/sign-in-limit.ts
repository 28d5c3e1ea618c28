/** Brake on guessing the staff password at a kiosk: so many wrong tries, then a rest. */
import type { Clock } from '../clock.ts';

const WRONG_TRIES_MAX = 10;
const WINDOW_MS = 10 * 60_000;

export class SignInLimit {
  readonly #clock: Clock;
  #wrongAtMs: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether another try may be made now. */
  allows(): boolean {
    const sinceMs = this.#clock.monotonicMs() - WINDOW_MS;
    this.#wrongAtMs = this.#wrongAtMs.filter((atMs) => atMs > sinceMs);
    return this.#wrongAtMs.length < WRONG_TRIES_MAX;
  }

  wrong(): void {
    this.#wrongAtMs.push(this.#clock.monotonicMs());
  }
}
