/**
 * Hears a stream of samples and tells what is said while it is said: knows nothing of any protocol. The utterance that
 * the decoder keeps ends only at a long silence; shorter pauses are told with the words up to there, so that a client
 * that wants to be quick has them, and the decoder keeps its context when the speech goes on. Promises: for each
 * utterance one `started` first and one `ended` last; all in the order it was spoken.
 */
import { pcmBytes } from '../audio/wav.ts';
import { type EndpointEvent, Endpointer } from './endpointing.ts';
import { type Heard, placed } from './heard.ts';
import type { HeardWord } from './hypothesis.ts';
import { Interims } from './interims.ts';
import { LISTEN_SAMPLE_RATE } from './parameters.ts';
import { anewCostMs, ProcessorShare } from './processor-share.ts';
import type { PartialRecognition, Recogniser, Recognition, Utterance } from './recogniser.ts';

export interface HearingListener {
  started(atMs: number): void;
  /** The words so far; the first `settled` of them will not change any more. */
  interim(heard: Heard, settled: readonly HeardWord[]): void;
  /** The sound has stopped for as long as was asked; these are the words up to there. */
  paused(heard: Heard, isWhole: boolean): void;
  /** The speech goes on after a pause that was told. */
  resumed(atMs: number): void;
  /** The utterance is over; `asked` when the client wanted it to be. */
  ended(heard: Heard, asked: boolean): void;
}

export interface HearingOptions {
  recogniser: Recogniser;
  listener: HearingListener;
  /** Silence told as a pause; null tells none. */
  pauseMs: number | null;
  /** Silence that ends an utterance. */
  endSilenceMs: number;
  /** Called with failures of the recogniser; the hearing goes on with the next utterance. */
  onFault(error: unknown): void;
}

const NOTHING: Recognition = { words: [], confidence: 0, source: 'none' };
/**
 * Words that may go on are not cut before this silence: the stop in «star|ter» or «pack|age» is silent for up to 0.1 s.
 * Words that are often all that is said need a shorter wait, which the decoder takes anyway.
 */
const LONGEST_STOP_MS = 120;
const USUAL_STOP_MS = 70;
/** Sound after the last word that is no word: a hearing that leaves so much unexplained lacks the end of the sentence. */
const LONGEST_UNHEARD_MS = 150;
/** Of one core, for each stream, for decoding again what went on after a pause. */
const PAUSE_SHARE = 0.65;
/** Two pauses may follow each other at once where none was before. */
const SAVED_MS = 700;

interface OpenUtterance {
  heard: Utterance;
  startMs: number;
  pause: OpenPause | undefined;
}

interface OpenPause {
  atMs: number;
  /** Undefined until it is decoded, or when the words are not to be believed. */
  found: PartialRecognition | undefined;
  told: boolean;
}

export class Hearing {
  readonly #options: HearingOptions;
  readonly #endpointer: Endpointer;
  readonly #interims: Interims;
  readonly #pauseShare = new ProcessorShare(PAUSE_SHARE, SAVED_MS);
  #open: OpenUtterance | undefined;
  #quietSinceMs: number | undefined;
  /** What is told leaves in order. */
  #outbox: Promise<void> = Promise.resolve();

  constructor(options: HearingOptions) {
    this.#options = options;
    this.#interims = new Interims(options.onFault);
    this.#endpointer = new Endpointer({
      sampleRate: LISTEN_SAMPLE_RATE,
      pauseMs: options.pauseMs,
      endSilenceMs: options.endSilenceMs,
    });
  }

  /** True from the start of an utterance to its end, pauses included. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  get positionMs(): number {
    return this.#endpointer.positionMs;
  }

  get silenceMs(): number {
    return this.#endpointer.silenceMs;
  }

  push(samples: Int16Array): void {
    for (const event of this.#endpointer.push(samples)) this.#apply(event, false);
    this.#considerPause();
    this.#tellPause();
    this.#considerInterim();
  }

  /** Ends an open utterance now; `asked` comes back with it. */
  finish(asked: boolean): void {
    for (const event of this.#endpointer.finish()) this.#apply(event, asked);
  }

  /** Does something in its turn, after all that was heard before it is told. */
  inTurn(work: () => void | Promise<void>): void {
    this.#outbox = this.#outbox.then(work).catch(this.#options.onFault);
  }

  /** Resolves when all is told. */
  settled(): Promise<void> {
    return this.#outbox;
  }

  /** Nobody listens any more. */
  async abandon(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.heard.discard();
  }

  #apply(event: EndpointEvent, asked: boolean): void {
    if (event.type === 'start') this.#start(event.atMs, event.samples);
    else if (event.type === 'audio') this.#open?.heard.write(pcmBytes(event.samples));
    else if (event.type === 'pause') this.#pause(event.atMs);
    else if (event.type === 'resume') this.#resume(event.atMs);
    else this.#end(event.atMs, asked);
  }

  #start(atMs: number, samples: Int16Array): void {
    const heard = this.#options.recogniser.begin();
    this.#open = { heard, startMs: atMs, pause: undefined };
    this.#interims.begin(atMs);
    this.#quietSinceMs = undefined;
    heard.write(pcmBytes(samples));
    this.inTurn(() => this.#options.listener.started(atMs));
  }

  #pause(atMs: number): void {
    this.#quietSinceMs = atMs;
    const open = this.#open;
    if (!open?.pause || open.pause.told) return;
    // A click came after it, the «t» of «lef|t» for one: what was decoded without it is decoded again.
    open.pause = undefined;
    open.heard.resume();
  }

  #resume(atMs: number): void {
    this.#quietSinceMs = undefined;
    const pause = this.#open?.pause;
    if (!this.#open || !pause) return;
    this.#open.pause = undefined;
    this.#open.heard.resume();
    if (pause.told) this.inTurn(() => this.#options.listener.resumed(atMs));
    else if (pause.found) this.#tellInterim(placed(pause.found, this.#open.startMs, pause.atMs));
  }

  #end(atMs: number, asked: boolean): void {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return;
    // What lacked its end at the pause is heard once more, with all that came after.
    if (open.pause?.found && !open.pause.told && !isHeardToTheEnd(open.pause, open)) open.heard.resume();
    const recognised = open.heard.finish().catch((error: unknown) => {
      this.#options.onFault(error);
      return NOTHING;
    });
    this.inTurn(async () =>
      this.#options.listener.ended(placed(await recognised, open.startMs, atMs), asked),
    );
  }

  /** Decodes up to a silence that is there now: one that is over with the audio that ended it is none. */
  #considerPause(): void {
    const open = this.#open;
    const atMs = this.#quietSinceMs;
    if (!open || open.pause || atMs === undefined) return;
    if (!this.#pauseShare.start(anewCostMs(this.positionMs - open.startMs))) return;
    const pause: OpenPause = { atMs, found: undefined, told: false };
    open.pause = pause;
    open.heard.pause().then((found) => {
      pause.found = found;
      this.#tellPause();
    }, this.#options.onFault);
  }

  #tellPause(): void {
    const open = this.#open;
    const pause = open?.pause;
    if (!open || !pause?.found || pause.told || !isHeardToTheEnd(pause, open)) return;
    const neededMs = pause.found.isWhole ? USUAL_STOP_MS : LONGEST_STOP_MS;
    if (this.silenceMs < Math.max(neededMs, this.#options.pauseMs ?? 0)) return;
    pause.told = true;
    const { isWhole } = pause.found;
    const heard = placed(pause.found, open.startMs, pause.atMs);
    this.inTurn(() => this.#options.listener.paused(heard, isWhole));
  }

  #considerInterim(): void {
    const open = this.#open;
    if (!open || this.#quietSinceMs !== undefined) return;
    this.#interims.consider(open.heard, this.positionMs, (heard) => {
      // A pause told since then has said more; an utterance that is over says the rest by itself.
      if (this.#open === open && !open.pause?.told) this.#tellInterim(heard);
    });
  }

  #tellInterim(heard: Heard): void {
    const settled = this.#interims.settled(heard);
    this.inTurn(() => this.#options.listener.interim(heard, settled));
  }
}

function isHeardToTheEnd(pause: OpenPause, open: OpenUtterance): boolean {
  const lastMs = 1_000 * (pause.found?.words.at(-1)?.end ?? 0);
  return open.startMs + lastMs >= pause.atMs - LONGEST_UNHEARD_MS;
}
