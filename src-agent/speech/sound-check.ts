/**
 * Whether a voice that is being received really sounds: a server may answer in good form and send nothing but silence,
 * or stop in mid-word. Judges samples against time; pure.
 */

import { isAudible } from '../../src-shared/audible.ts';

/** Of 16 bit samples. */
const FULL_SCALE = 32_768;

export interface SoundLimits {
  /** Longest wait from the question to the first sound. */
  firstSoundMs: number;
  /** Longest time without sound after that, counted from where the sound received so far ends when played. */
  soundlessMs: number;
}

export class SoundCheck {
  readonly #limits: SoundLimits;
  readonly #askedAtMs: number;
  #firstSoundAtMs: number | null = null;
  #receivedMs = 0;
  #audibleMs = 0;

  constructor(limits: SoundLimits, askedAtMs: number) {
    this.#limits = limits;
    this.#askedAtMs = askedAtMs;
  }

  /** Something audible has come. */
  get sounded(): boolean {
    return this.#firstSoundAtMs !== null;
  }

  /** @param durationMs how long these samples play */
  take(samples: Int16Array, durationMs: number, nowMs: number): void {
    const sounds = isAudible(samples, FULL_SCALE);
    if (sounds) this.#firstSoundAtMs ??= nowMs;
    if (!this.sounded) return;
    this.#receivedMs += durationMs;
    if (sounds) this.#audibleMs = this.#receivedMs;
  }

  /** When there must be sound again, or else the voice has failed. */
  get dueMs(): number {
    const { firstSoundMs, soundlessMs } = this.#limits;
    if (this.#firstSoundAtMs === null) return this.#askedAtMs + firstSoundMs;
    return this.#firstSoundAtMs + this.#audibleMs + soundlessMs;
  }
}
