/**
 * What really sounds on each side of a talk: how loud, for the picture of the voice, and when something was last
 * heard, for the clock. Measures only; nothing is kept or sent.
 */
import { isAudible, reaches } from '../../../src-shared/audible.ts';
import type { Caption } from '../../../src-shared/visit.ts';
import { loudness } from './loudness.ts';

/** 171 ms at 48 kHz: longer than the time between two looks, so that no sound is missed. */
const SAMPLES = 8_192;
const LOOK_EVERY_MS = 100;
/** Of these, the newest make the picture. */
const PICTURE_SAMPLES = 1_024;

interface Side {
  track: MediaStreamTrack;
  source: MediaStreamAudioSourceNode;
  analyser: AnalyserNode;
  /** Monotonic: when a person could last have heard it. */
  audibleAtMs: number | null;
  /** Monotonic: when it last gave anything but digital zeros, or could not be measured. */
  aliveAtMs: number;
}

export class SoundWatch {
  #context: AudioContext | null = null;
  readonly #sides = new Map<Caption['who'], Side>();
  readonly #samples = new Float32Array(SAMPLES);
  readonly #timer = setInterval(() => this.#look(), LOOK_EVERY_MS);

  /** Measures this track for that side from now on, instead of the one before. */
  measure(who: Caption['who'], track: MediaStreamTrack): void {
    const before = this.#sides.get(who);
    if (before?.track === track) return;
    before?.source.disconnect();
    this.#context ??= new AudioContext();
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = SAMPLES;
    const source = this.#context.createMediaStreamSource(new MediaStream([track]));
    source.connect(analyser);
    const audibleAtMs = before?.audibleAtMs ?? null;
    this.#sides.set(who, { track, source, analyser, audibleAtMs, aliveAtMs: performance.now() });
    this.resume();
  }

  /** To be called at a touch: until then a browser may not let it measure. */
  resume(): void {
    void this.#context?.resume();
  }

  /** Loudness 0 … 1 of this moment. */
  level(who: Caption['who']): number {
    const side = this.#sides.get(who);
    if (!side) return 0;
    side.analyser.getFloatTimeDomainData(this.#samples);
    return loudness(this.#samples.subarray(SAMPLES - PICTURE_SAMPLES));
  }

  /** Monotonic moment at which a person could last hear this side; null when never. */
  audibleAtMs(who: Caption['who']): number | null {
    return this.#sides.get(who)?.audibleAtMs ?? null;
  }

  /** How long this side has given nothing but digital zeros; 0 where that can't be known. */
  deadMs(who: Caption['who'], nowMs: number): number {
    const side = this.#sides.get(who);
    return side ? nowMs - side.aliveAtMs : 0;
  }

  /** The zeros of this side until now are meant (muted by the customer). */
  excuse(who: Caption['who'], nowMs: number): void {
    const side = this.#sides.get(who);
    if (side) side.aliveAtMs = nowMs;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#sides.clear();
    void this.#context?.close();
    this.#context = null;
  }

  #look(): void {
    const nowMs = performance.now();
    const isMeasuring = this.#context?.state === 'running';
    for (const side of this.#sides.values()) {
      // Until the page was touched a browser may not run it; then nothing is known.
      if (!isMeasuring) side.aliveAtMs = nowMs;
      else this.#lookAt(side, nowMs);
    }
  }

  #lookAt(side: Side, nowMs: number): void {
    side.analyser.getFloatTimeDomainData(this.#samples);
    // Any room hisses; only a microphone that is broken or shut gives zeros alone.
    if (reaches(this.#samples, Number.MIN_VALUE)) side.aliveAtMs = nowMs;
    if (isAudible(this.#samples, 1)) side.audibleAtMs = nowMs;
  }
}
