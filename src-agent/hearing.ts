/**
 * Whether the customer can be heard: speech recognition `open`, on its way back (`lost`), or not to be had (`refused`
 * for a while, as where none is installed): then the talk goes on in writing.
 */
import type { SocketState } from './speech/lasting-socket.ts';

/** A recogniser that is only starting refuses for a second or two. */
const DEAF_AFTER_MS = 4_000;

export class Hearing {
  readonly #onLost: () => void;
  readonly #onDeaf: () => void;
  #state: SocketState | 'unknown' = 'unknown';
  #deaf = false;
  #timer: NodeJS.Timeout | undefined;

  /** `onLost`: it must be waited for. `onDeaf`: there is none; called once. */
  constructor(options: { onLost(): void; onDeaf(): void }) {
    this.#onLost = options.onLost;
    this.#onDeaf = options.onDeaf;
  }

  /** True when there is nothing to wait for: the customer is heard, or is known not to be. */
  get settled(): boolean {
    return this.#state === 'open' || this.#deaf;
  }

  is(state: SocketState): void {
    const before = this.#state;
    this.#state = state;
    if (state === 'open') {
      this.close();
      this.#deaf = false;
    } else if (state === 'refused') {
      this.#timer ??= setTimeout(() => this.#giveUp(), DEAF_AFTER_MS);
    } else if (before !== 'lost') {
      this.#onLost();
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #giveUp(): void {
    if (this.#state !== 'refused' || this.#deaf) return;
    this.#deaf = true;
    this.#onDeaf();
  }
}
