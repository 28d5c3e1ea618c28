/**
 * One live conversation with a client of Deepgram's `/v1/listen`: audio and control messages in, protocol messages out.
 * Knows nothing of sockets. Promises: what was given as final is never taken back or given twice; `speech_final` comes
 * when the sound stopped for as long as was asked, however often that is in one sentence; results in the order they
 * were spoken.
 */

import { resample } from '../audio/resample.ts';
import { pcmSamples } from '../audio/wav.ts';
import type { Heard } from './heard.ts';
import { Hearing } from './hearing.ts';
import { type HeardWord, meanConfidence, wordsAfter } from './hypothesis.ts';
import { messageType } from './message-type.ts';
import { metadata, results, speechStarted, utteranceEnd } from './messages.ts';
import { LISTEN_SAMPLE_RATE, type ListenParameters } from './parameters.ts';
import type { Recogniser } from './recogniser.ts';

/** Audio that stops in mid-utterance ends it after this long: clients may leave silence out. */
const AUDIO_GAP_MS = 700;
/** Shorter silence would take the context of the sentence from the decoder. */
const SHORTEST_END_SILENCE_MS = 300;
/** In speech without a pause the words that are settled are given as final when so much was not. */
const LONGEST_WITHOUT_FINAL_SECONDS = 3.5;

export interface SessionOptions {
  requestId: string;
  parameters: ListenParameters;
  recogniser: Recogniser;
  send(message: object): void;
  /** Called with failures of the recogniser; the session goes on with the next utterance. */
  onFault(error: unknown): void;
}

interface ResultFlags {
  isFinal: boolean;
  speechFinal: boolean;
  fromFinalize?: boolean;
}

export class ListenSession {
  readonly #options: SessionOptions;
  readonly #hearing: Hearing;
  #gapTimer: NodeJS.Timeout | undefined;
  #closed = false;
  /** Speech has begun and no `speech_final` followed. */
  #speaking = false;
  /** Up to where words were given as final, seconds of the stream; and whether any were since speech began. */
  #givenSeconds = 0;
  #gaveWords = false;
  /** End of the last final word, until its UtteranceEnd was sent. */
  #lastWordSeconds: number | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { endpointingMs } = options.parameters;
    this.#hearing = new Hearing({
      recogniser: options.recogniser,
      pauseMs: endpointingMs,
      endSilenceMs: Math.max(SHORTEST_END_SILENCE_MS, endpointingMs ?? 0),
      onFault: options.onFault,
      listener: {
        started: (atMs) => this.#speechBegins(atMs),
        resumed: (atMs) => this.#speechBegins(atMs),
        interim: (heard, settled) => this.#interim(heard, settled),
        paused: (heard) => this.#final(heard, false),
        ended: (heard, asked) => this.#ended(heard, asked),
      },
    });
  }

  /** Takes raw audio of the rate the client named. */
  audio(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#hearing.push(resample(pcmSamples(bytes), this.#options.parameters.sampleRate, LISTEN_SAMPLE_RATE));
    clearTimeout(this.#gapTimer);
    if (this.#hearing.isOpen) this.#gapTimer = setTimeout(() => this.#hearing.finish(false), AUDIO_GAP_MS);
    this.#considerUtteranceEnd();
  }

  /** Takes a text message; unknown ones are answered with an Error message, as garbled ones are. */
  control(text: string): 'continue' | 'close' {
    const type = messageType(text);
    if (type === 'KeepAlive') return 'continue';
    if (type === 'CloseStream') return 'close';
    if (type === 'Finalize') {
      this.#finalize();
      return 'continue';
    }
    const description = `unknown message type: ${type ?? 'not JSON with a type'}`;
    this.#options.send({ type: 'Error', description, message: description, variant: 'UNKNOWN_MESSAGE' });
    return 'continue';
  }

  /** Ends what is open, waits for all results, and says goodbye with Metadata. */
  async close(): Promise<void> {
    this.#hearing.finish(true);
    this.#closed = true;
    clearTimeout(this.#gapTimer);
    await this.#hearing.settled();
    this.#options.send(metadata(this.#options.requestId, this.#hearing.positionMs / 1000));
  }

  /** The client is gone: nothing more is sent. */
  async abandon(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#gapTimer);
    await this.#hearing.abandon();
  }

  #finalize(): void {
    const atMs = this.#hearing.positionMs;
    if (this.#hearing.isOpen) this.#hearing.finish(true);
    else this.#hearing.inTurn(() => this.#answerFinalize(atMs));
  }

  #speechBegins(atMs: number): void {
    this.#speaking = true;
    this.#gaveWords = false;
    if (this.#options.parameters.vadEvents) this.#options.send(speechStarted(atMs / 1000));
  }

  #interim(heard: Heard, settled: readonly HeardWord[]): void {
    const ready = wordsAfter(settled, this.#givenSeconds);
    const waitingSeconds = heard.endMs / 1000 - Math.max(this.#givenSeconds, heard.startMs / 1000);
    const last = ready.at(-1);
    if (last && waitingSeconds > LONGEST_WITHOUT_FINAL_SECONDS) {
      this.#result(heard, ready, last.end, { isFinal: true, speechFinal: false });
    }
    const rest = wordsAfter(heard.words, this.#givenSeconds);
    if (rest.length === 0 || !this.#options.parameters.interimResults) return;
    this.#result(heard, rest, heard.endMs / 1000, { isFinal: false, speechFinal: false });
  }

  #final(heard: Heard, fromFinalize: boolean): void {
    const words = wordsAfter(heard.words, this.#givenSeconds);
    const speechFinal = this.#options.parameters.endpointingMs !== null || fromFinalize;
    this.#speaking = false;
    this.#result(heard, words, heard.endMs / 1000, { isFinal: true, speechFinal, fromFinalize });
  }

  #ended(heard: Heard, asked: boolean): void {
    if (this.#speaking) this.#final(heard, asked);
    else if (asked && !this.#closed) this.#answerFinalize(heard.endMs);
  }

  /** There is nothing to give, but the client waits for an answer. */
  #answerFinalize(atMs: number): void {
    const none: Heard = { words: [], confidence: 0, source: 'none', startMs: atMs, endMs: atMs };
    this.#result(none, [], atMs / 1000, { isFinal: true, speechFinal: true, fromFinalize: true });
  }

  #result(heard: Heard, words: HeardWord[], untilSeconds: number, flags: ResultFlags): void {
    const { parameters, requestId, send } = this.#options;
    const { isFinal, speechFinal, fromFinalize = false } = flags;
    const startSeconds = Math.max(this.#givenSeconds, heard.startMs / 1000);
    const place = { begins: !this.#gaveWords, ends: speechFinal };
    const said = { words, confidence: meanConfidence(words), source: heard.source };
    send(
      results(said, {
        requestId,
        startSeconds,
        durationSeconds: Math.max(0, untilSeconds - startSeconds),
        isFinal,
        speechFinal,
        fromFinalize,
        punctuate: parameters.punctuate ? place : undefined,
      }),
    );
    this.#lastWordSeconds = isFinal ? (words.at(-1)?.end ?? this.#lastWordSeconds) : undefined;
    if (!isFinal) return;
    this.#givenSeconds = Math.max(this.#givenSeconds, untilSeconds);
    this.#gaveWords ||= words.length > 0;
  }

  #considerUtteranceEnd(): void {
    const { utteranceEndMs } = this.#options.parameters;
    const lastSeconds = this.#lastWordSeconds;
    if (utteranceEndMs === null || lastSeconds === undefined || this.#speaking) return;
    if (this.#hearing.positionMs - lastSeconds * 1000 < utteranceEndMs) return;
    this.#lastWordSeconds = undefined;
    this.#options.send(utteranceEnd(Math.round(lastSeconds * 1000) / 1000));
  }
}
