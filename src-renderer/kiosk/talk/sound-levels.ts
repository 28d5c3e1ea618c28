/** How loud each side is, for the picture of the voice. Measures only; nothing is kept or sent. */
import type { Caption } from '../../../src-shared/visit.ts';
import { loudness } from './loudness.ts';

const SAMPLES = 1024;

export class SoundLevels {
  #context: AudioContext | null = null;
  readonly #analysers = new Map<Caption['who'], AnalyserNode>();
  readonly #samples = new Float32Array(SAMPLES);

  /** Measures this track for that side from now on. */
  measure(who: Caption['who'], track: MediaStreamTrack): void {
    this.#context ??= new AudioContext();
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = SAMPLES;
    this.#context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    this.#analysers.set(who, analyser);
    void this.#context.resume();
  }

  read(who: Caption['who']): number {
    const analyser = this.#analysers.get(who);
    if (!analyser) return 0;
    analyser.getFloatTimeDomainData(this.#samples);
    return loudness(this.#samples);
  }

  close(): void {
    this.#analysers.clear();
    void this.#context?.close();
    this.#context = null;
  }
}
