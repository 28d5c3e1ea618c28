/**
 * The words of an utterance that is still being said: it is heard anew now and then, by a decoder of its own, since
 * pocketsphinx's program tells nothing before the end. Promise: one at a time, and all within a share of one core.
 */
import { type Heard, placed } from './heard.ts';
import { type HeardWord, settledWords } from './hypothesis.ts';
import { anewCostMs, ProcessorShare } from './processor-share.ts';
import type { Utterance } from './recogniser.ts';

/** Audio, pre-roll included, before the first one is worth its while; and between two. */
const FIRST_MS = 500;
const EVERY_MS = 400;
/** Of one core, for each stream: more would starve the station, and the decoder that listens. */
const SHARE = 0.35;

export class Interims {
  readonly #share = new ProcessorShare(SHARE, 0);
  readonly #onFault: (error: unknown) => void;
  #underWay = false;
  #startMs = 0;
  #lastMs = 0;
  #lastWords: readonly HeardWord[] = [];

  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  /** Another utterance begins. */
  begin(atMs: number): void {
    this.#startMs = atMs;
    this.#lastMs = atMs;
    this.#lastWords = [];
  }

  /** Hears the utterance anew if it is time; `tell` gets words that are to be believed. */
  consider(utterance: Utterance, nowMs: number, tell: (heard: Heard) => void): void {
    const startMs = this.#startMs;
    if (this.#underWay || nowMs - startMs < FIRST_MS || nowMs - this.#lastMs < EVERY_MS) return;
    if (!this.#share.start(anewCostMs(nowMs - startMs))) return;
    this.#underWay = true;
    this.#lastMs = nowMs;
    utterance
      .soFar()
      .then((found) => {
        if (found) tell(placed(found, startMs, nowMs));
      }, this.#onFault)
      .finally(() => {
        this.#underWay = false;
      });
  }

  /** The leading words that will not change any more, by this hearing and the one before. */
  settled(heard: Heard): HeardWord[] {
    const settled = settledWords(this.#lastWords, heard.words, heard.endMs / 1000);
    this.#lastWords = heard.words;
    return settled;
  }
}
