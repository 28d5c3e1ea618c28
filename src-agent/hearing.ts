/**
 * Whether the customer can be heard: speech recognition `open`, on its way back (`lost`), or not to be had (`refused`
 * for a while, as where none is installed): then the talk goes on in writing. A recogniser that is open and gives no
 * words for a voice is as good as none, so the voice that this machine hears by itself is held against the words.
 */
import type { SocketState } from './speech/lasting-socket.ts';

/** A recogniser that is only starting refuses for a second or two. */
const DEAF_AFTER_MS = 4_000;
/** Shorter sounds are coughs and chairs: no words are due for them. */
const VOICE_MS = 1_000;
/** Words are due so long after a voice has ended; the framework watches over it. */
export const WORDS_WITHIN_MS = 5_000;
/** So often in a row no words may come before the customer is asked to write. */
const MISSES = 2;

export interface HearingOptions {
  /** It is lost and must be waited for. */
  onLost(): void;
  /** There is none; called once until it is back. */
  onDeaf(): void;
  /** It is open, and gave no words for a voice: it should be connected anew. */
  onNoWords(): void;
}

export class Hearing {
  readonly #options: HearingOptions;
  #state: SocketState | 'unknown' = 'unknown';
  #deaf = false;
  #timer: NodeJS.Timeout | undefined;
  #misses = 0;

  constructor(options: HearingOptions) {
    this.#options = options;
  }

  /** True when there is nothing to wait for: the customer is heard, or is known not to be. */
  get settled(): boolean {
    return this.#state === 'open' || this.#deaf;
  }

  /** False while the customer is known not to be heard, and was told so. */
  get hears(): boolean {
    return !this.#deaf;
  }

  is(state: SocketState): void {
    const before = this.#state;
    this.#state = state;
    if (state === 'open') {
      this.#stopWaiting();
      // One that was connected anew because it gave no words has to give some first.
      if (this.#misses < MISSES) this.#deaf = false;
    } else if (state === 'refused') {
      this.#timer ??= setTimeout(() => this.#giveUp(), DEAF_AFTER_MS);
    } else if (before !== 'lost') {
      this.#options.onLost();
    }
  }

  /** No words came in time for a voice of this length that this machine heard by itself. */
  noWords(voiceMs: number): void {
    if (voiceMs < VOICE_MS || this.#state !== 'open') return;
    this.#misses += 1;
    this.#options.onNoWords();
    if (this.#misses < MISSES) this.#options.onLost();
    else this.#isDeaf();
  }

  /** Words came, final or not. */
  words(): void {
    this.#misses = 0;
    this.#deaf = false;
  }

  close(): void {
    this.#stopWaiting();
  }

  #giveUp(): void {
    if (this.#state === 'refused') this.#isDeaf();
  }

  #isDeaf(): void {
    if (this.#deaf) return;
    this.#deaf = true;
    this.#options.onDeaf();
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
