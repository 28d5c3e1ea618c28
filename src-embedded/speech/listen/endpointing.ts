/**
 * Finds where speech starts, pauses and ends in a stream of 16-bit samples, by energy against a noise floor that follows
 * the room. Pure: samples in, events out, time counted in samples, never by a clock. Promises: an end follows each start;
 * the audio of an utterance begins a little before its start (pre-roll), so that no first consonant is lost; a click
 * shorter than the start time is no speech, neither before it nor in a pause.
 */

export interface EndpointingOptions {
  sampleRate: number;
  /** Silence that is told as a pause, milliseconds; null tells none. */
  pauseMs: number | null;
  /** Silence after which an utterance is over, milliseconds. */
  endSilenceMs: number;
}

export type EndpointEvent =
  /** Speech has begun; `samples` is the audio so far, pre-roll included; `atMs` is where it begins in the stream. */
  | { type: 'start'; atMs: number; samples: Int16Array }
  | { type: 'audio'; samples: Int16Array }
  /** The sound stopped at `atMs`; a resume or the end follows. After a click in the silence it is told again. */
  | { type: 'pause'; atMs: number }
  | { type: 'resume'; atMs: number }
  /** Speech is over; the silence that showed it was already given out as `audio`. */
  | { type: 'end'; atMs: number };

/** As fine as a pause of 25 ms needs it. */
const FRAME_MS = 10;
/** Speech frames needed within the last START_WINDOW frames: 80 ms of sound in 120 ms. */
const START_FRAMES = 8;
const START_WINDOW = 12;
const PRE_ROLL_MS = 300;
/** An utterance that goes on longer is cut here, so that a fan can't hold the line for ever. */
const LONGEST_UTTERANCE_MS = 20_000;
/** Root mean square (of 32768) that is never speech, however silent the room. */
const QUIETEST_SPEECH_RMS = 130;
/** Speech stands out of the room's noise by this factor (9 dB); staying in speech takes less (6 dB). */
const START_FACTOR = 2.8;
const STAY_FACTOR = 2;
const FIRST_NOISE_RMS = 60;
/** The floor is the level that one frame in ten of the last 3 s stays under: speech has such gaps, a fan has not. */
const FLOOR_WINDOW_FRAMES = 300;
const FLOOR_SHARE = 0.1;

export class Endpointer {
  readonly #options: EndpointingOptions;
  readonly #frameSamples: number;
  #carry = new Int16Array(0);
  #preRoll: Int16Array[] = [];
  #recent: boolean[] = [];
  #noiseRms = FIRST_NOISE_RMS;
  #levels: number[] = [];
  #speaking = false;
  #paused = false;
  #pauseTold = false;
  #silenceMs = 0;
  #spokenMs = 0;
  #positionMs = 0;

  constructor(options: EndpointingOptions) {
    this.#options = options;
    this.#frameSamples = (options.sampleRate * FRAME_MS) / 1000;
  }

  get speaking(): boolean {
    return this.#speaking;
  }

  /** Milliseconds since the last sound of an open utterance. */
  get silenceMs(): number {
    return this.#silenceMs;
  }

  /** Milliseconds of audio taken so far, in whole frames. */
  get positionMs(): number {
    return this.#positionMs;
  }

  /** Takes any number of samples; gives the events they cause, in order. */
  push(samples: Int16Array): EndpointEvent[] {
    const joined = new Int16Array(this.#carry.length + samples.length);
    joined.set(this.#carry);
    joined.set(samples, this.#carry.length);
    const events: EndpointEvent[] = [];
    let at = 0;
    for (; at + this.#frameSamples <= joined.length; at += this.#frameSamples) {
      this.#frame(joined.slice(at, at + this.#frameSamples), events);
    }
    this.#carry = joined.slice(at);
    return events;
  }

  /** Ends an open utterance now, as the client asked or because no more audio comes. */
  finish(): EndpointEvent[] {
    if (!this.#speaking) return [];
    this.#stop();
    return [{ type: 'end', atMs: this.#positionMs }];
  }

  #frame(frame: Int16Array, events: EndpointEvent[]): void {
    const level = rms(frame);
    this.#positionMs += FRAME_MS;
    const loud =
      level > Math.max(QUIETEST_SPEECH_RMS, this.#noiseRms * (this.#speaking ? STAY_FACTOR : START_FACTOR));
    this.#followNoise(level);
    if (this.#speaking) this.#spokenFrame(frame, loud, events);
    else this.#quietFrame(frame, loud, events);
  }

  #quietFrame(frame: Int16Array, loud: boolean, events: EndpointEvent[]): void {
    this.#preRoll = [...this.#preRoll, frame].slice(-PRE_ROLL_MS / FRAME_MS);
    if (!this.#soundsLikeSpeech(loud)) return;
    const preRollMs = this.#preRoll.length * FRAME_MS;
    events.push({ type: 'start', atMs: this.#positionMs - preRollMs, samples: concat(this.#preRoll) });
    this.#speaking = true;
    this.#preRoll = [];
    this.#recent = [];
    this.#silenceMs = 0;
    this.#spokenMs = preRollMs;
  }

  #spokenFrame(frame: Int16Array, loud: boolean, events: EndpointEvent[]): void {
    const { pauseMs, endSilenceMs } = this.#options;
    events.push({ type: 'audio', samples: frame });
    this.#spokenMs += FRAME_MS;
    this.#silenceMs = loud ? 0 : this.#silenceMs + FRAME_MS;
    if (this.#silenceMs >= endSilenceMs || this.#spokenMs >= LONGEST_UTTERANCE_MS) {
      events.push({ type: 'end', atMs: this.#positionMs - this.#silenceMs });
      this.#stop();
    } else if (this.#paused && this.#soundsLikeSpeech(loud)) {
      events.push({ type: 'resume', atMs: this.#positionMs - START_WINDOW * FRAME_MS });
      this.#paused = false;
      this.#pauseTold = false;
      this.#recent = [];
    } else if (loud) {
      this.#pauseTold = false;
    } else if (pauseMs !== null && this.#silenceMs >= pauseMs && !this.#pauseTold) {
      events.push({ type: 'pause', atMs: this.#positionMs - this.#silenceMs });
      this.#paused = true;
      this.#pauseTold = true;
    }
  }

  /** True when the latest frames, this one too, hold as much sound as no click has. */
  #soundsLikeSpeech(loud: boolean): boolean {
    this.#recent = [...this.#recent, loud].slice(-START_WINDOW);
    return this.#recent.filter(Boolean).length >= START_FRAMES;
  }

  #followNoise(level: number): void {
    this.#levels.push(level);
    if (this.#levels.length < FLOOR_WINDOW_FRAMES) return;
    this.#levels = this.#levels.slice(-FLOOR_WINDOW_FRAMES);
    const sorted = this.#levels.toSorted((a, b) => a - b);
    this.#noiseRms = sorted[Math.floor(FLOOR_WINDOW_FRAMES * FLOOR_SHARE)] ?? FIRST_NOISE_RMS;
  }

  #stop(): void {
    this.#speaking = false;
    this.#paused = false;
    this.#pauseTold = false;
    this.#silenceMs = 0;
    this.#preRoll = [];
    this.#recent = [];
  }
}

function rms(frame: Int16Array): number {
  let sum = 0;
  for (const sample of frame) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, frame.length));
}

function concat(parts: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
