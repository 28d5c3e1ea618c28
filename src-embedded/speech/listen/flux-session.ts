/**
 * One live conversation with a client of Deepgram's Flux, `/v2/listen`: audio in, TurnInfo messages out. Knows nothing
 * of sockets. Promises, as documented for Flux: a turn is StartOfTurn, Updates, EndOfTurn; an EagerEndOfTurn has words,
 * and either the EndOfTurn says the same or a TurnResumed comes first; sequence numbers have no gap. A turn without a
 * word is none.
 */
import { resample } from '../audio/resample.ts';
import { pcmSamples } from '../audio/wav.ts';
import type { FluxParameters } from './flux-parameters.ts';
import type { Heard } from './heard.ts';
import { Hearing } from './hearing.ts';
import { formatTranscript } from './hypothesis.ts';
import { messageType } from './message-type.ts';
import { LISTEN_SAMPLE_RATE } from './parameters.ts';
import type { SessionOptions } from './session.ts';
import { turnEndConfidence } from './turn-end.ts';

/** Silence after which the words so far are wanted: less than any threshold takes. */
const PAUSE_MS = 60;

type TurnEvent = 'StartOfTurn' | 'Update' | 'EagerEndOfTurn' | 'TurnResumed' | 'EndOfTurn';

export class FluxSession {
  readonly #options: Omit<SessionOptions, 'parameters'> & { parameters: FluxParameters };
  readonly #hearing: Hearing;
  #closed = false;
  #sequence = 0;
  #turnIndex = 0;
  #turnStarted = false;
  /** The words at the silence that is there now. */
  #atPause: { heard: Heard; isWhole: boolean } | undefined;
  /** What was told as an early end that still holds. */
  #eager: string | undefined;

  constructor(options: Omit<SessionOptions, 'parameters'> & { parameters: FluxParameters }) {
    this.#options = options;
    this.#hearing = new Hearing({
      recogniser: options.recogniser,
      pauseMs: PAUSE_MS,
      endSilenceMs: options.parameters.timeoutMs,
      onFault: options.onFault,
      listener: {
        started: () => undefined,
        interim: (heard) => this.#update(heard),
        paused: (heard, isWhole) => {
          this.#atPause = { heard, isWhole };
          this.#update(heard);
          this.#judge();
        },
        resumed: () => this.#resume(),
        ended: (heard) => this.#end(heard),
      },
    });
    this.#send({ type: 'Connected' });
  }

  /** Takes raw audio of the rate the client named. */
  audio(bytes: Uint8Array): void {
    if (this.#closed) return;
    const { sampleRate } = this.#options.parameters;
    this.#hearing.push(resample(pcmSamples(bytes), sampleRate, LISTEN_SAMPLE_RATE));
    this.#judge();
  }

  /** Takes a text message; unknown ones are answered with an Error message. */
  control(text: string): 'continue' | 'close' {
    const type = messageType(text);
    if (type === 'CloseStream') return 'close';
    if (type === 'KeepAlive') return 'continue';
    const description = 'The embedded recogniser understands CloseStream only.';
    this.#send({ type: 'Error', code: 'UNPARSABLE_CLIENT_MESSAGE', description });
    return 'continue';
  }

  /** Ends the turn that is open and waits for all that is to be told. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#hearing.finish(true);
    await this.#hearing.settled();
  }

  /** The client is gone: nothing more is sent. */
  async abandon(): Promise<void> {
    this.#closed = true;
    await this.#hearing.abandon();
  }

  /** Ends the turn, or tells that it may be over, when the silence says so. */
  #judge(): void {
    if (!this.#hearing.isOpen) return;
    const { endThreshold, eagerThreshold } = this.#options.parameters;
    const confidence = this.#confidence();
    // Told also where the end follows at once: who asked for it has counted on it.
    if (this.#atPause && this.#eager === undefined && confidence >= (eagerThreshold ?? 1)) {
      this.#eager = transcript(this.#atPause.heard);
      this.#turn('EagerEndOfTurn', this.#atPause.heard);
    }
    if (confidence >= endThreshold) this.#hearing.finish(false);
  }

  #confidence(): number {
    return turnEndConfidence(this.#hearing.silenceMs, this.#atPause?.isWhole ?? false);
  }

  #update(heard: Heard): void {
    if (heard.words.length === 0) return;
    this.#turn(this.#turnStarted ? 'Update' : 'StartOfTurn', heard);
    this.#turnStarted = true;
  }

  #resume(): void {
    const pause = this.#atPause;
    this.#atPause = undefined;
    if (this.#eager === undefined || !pause) return;
    this.#eager = undefined;
    this.#turn('TurnResumed', pause.heard);
  }

  #end(heard: Heard): void {
    const changed = this.#eager !== undefined && this.#eager !== transcript(heard);
    this.#eager = undefined;
    this.#atPause = undefined;
    if (!this.#turnStarted) this.#update(heard);
    if (!this.#turnStarted) return;
    if (changed) this.#turn('TurnResumed', heard);
    this.#turn('EndOfTurn', heard, Math.max(this.#options.parameters.endThreshold, this.#confidence()));
    this.#turnIndex += 1;
    this.#turnStarted = false;
  }

  #turn(event: TurnEvent, heard: Heard, confidence = this.#confidence()): void {
    const ends = event === 'EagerEndOfTurn' || event === 'EndOfTurn';
    const shown = formatTranscript(
      heard.words.map((word) => word.word),
      { begins: true, ends },
    );
    this.#send({
      type: 'TurnInfo',
      event,
      turn_index: this.#turnIndex,
      audio_window_start: heard.startMs / 1000,
      audio_window_end: heard.endMs / 1000,
      transcript: shown.join(' '),
      words: heard.words.map((word, at) => ({
        word: shown[at],
        confidence: round(word.confidence),
        start: round(word.start),
        end: round(word.end),
      })),
      end_of_turn_confidence: round(confidence),
    });
  }

  #send(message: { type: string; [field: string]: unknown }): void {
    const { type, ...fields } = message;
    this.#options.send({
      type,
      request_id: this.#options.requestId,
      sequence_id: this.#sequence,
      ...fields,
    });
    this.#sequence += 1;
  }
}

function transcript(heard: Heard): string {
  return heard.words.map((word) => word.word).join(' ');
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
