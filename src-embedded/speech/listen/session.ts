/**
 * One streaming conversation with a Deepgram client: audio and control messages in, protocol messages out. Knows
 * nothing of sockets. Promises: SpeechStarted before any result of an utterance; exactly one final result with
 * speech_final for each start; results in the order the utterances were spoken.
 */

import { resample } from '../audio/resample.ts';
import { pcmBytes, pcmSamples } from '../audio/wav.ts';
import { type EndpointEvent, Endpointer } from './endpointing.ts';
import { metadata, results, speechStarted, utteranceEnd } from './messages.ts';
import { LISTEN_SAMPLE_RATE, type ListenParameters } from './parameters.ts';
import type { Recogniser, Recognition, Utterance } from './recogniser.ts';

/** Audio that stops in mid-utterance ends it after this long: clients may leave silence out. */
const AUDIO_GAP_MS = 700;
const NOTHING: Recognition = { words: [], confidence: 0, source: 'none' };

export interface SessionOptions {
  requestId: string;
  parameters: ListenParameters;
  recogniser: Recogniser;
  send(message: object): void;
  /** Called with failures of the recogniser; the session goes on with the next utterance. */
  onFault(error: unknown): void;
}

interface OpenUtterance {
  heard: Utterance;
  startMs: number;
}

export class ListenSession {
  readonly #options: SessionOptions;
  readonly #endpointer: Endpointer;
  #open: OpenUtterance | undefined;
  /** Finals leave one after the other. */
  #outbox: Promise<void> = Promise.resolve();
  #gapTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#endpointer = new Endpointer({
      sampleRate: LISTEN_SAMPLE_RATE,
      endSilenceMs: options.parameters.endSilenceMs,
    });
  }

  /** Takes raw audio of the rate the client named. */
  audio(bytes: Uint8Array): void {
    if (this.#closed) return;
    const samples = resample(pcmSamples(bytes), this.#options.parameters.sampleRate, LISTEN_SAMPLE_RATE);
    this.#apply(this.#endpointer.push(samples), false);
    clearTimeout(this.#gapTimer);
    if (this.#open) {
      this.#gapTimer = setTimeout(() => this.#apply(this.#endpointer.finish(), false), AUDIO_GAP_MS);
    }
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
    this.#apply(this.#endpointer.finish(), true);
    this.#closed = true;
    clearTimeout(this.#gapTimer);
    await this.#outbox;
    this.#options.send(metadata(this.#options.requestId, this.#endpointer.positionMs / 1000));
  }

  /** The client is gone: nothing more is sent. */
  async abandon(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#gapTimer);
    await this.#open?.heard.discard();
    this.#open = undefined;
  }

  #finalize(): void {
    if (this.#endpointer.speaking) {
      this.#apply(this.#endpointer.finish(), true);
      return;
    }
    const at = this.#endpointer.positionMs;
    this.#queue(async () => this.#sendResult(NOTHING, at, at, true));
  }

  #apply(events: readonly EndpointEvent[], fromFinalize: boolean): void {
    for (const event of events) {
      if (event.type === 'start') this.#start(event.atMs, event.samples);
      else if (event.type === 'audio') this.#open?.heard.write(pcmBytes(event.samples));
      else this.#end(event.atMs, fromFinalize);
    }
  }

  #start(atMs: number, samples: Int16Array): void {
    const heard = this.#options.recogniser.begin();
    this.#open = { heard, startMs: atMs };
    heard.write(pcmBytes(samples));
    this.#queue(async () => this.#options.send(speechStarted(atMs / 1000)));
  }

  #end(atMs: number, fromFinalize: boolean): void {
    const utterance = this.#open;
    this.#open = undefined;
    clearTimeout(this.#gapTimer);
    if (!utterance) return;
    const recognised = utterance.heard.finish().catch((error: unknown) => {
      this.#options.onFault(error);
      return NOTHING;
    });
    this.#queue(async () => {
      this.#sendResult(await recognised, utterance.startMs, atMs, fromFinalize);
    });
  }

  #sendResult(heard: Recognition, startMs: number, endMs: number, fromFinalize: boolean): void {
    const { parameters, requestId, send } = this.#options;
    const startSeconds = startMs / 1000;
    const durationSeconds = Math.max(0, endMs - startMs) / 1000;
    send(
      results(heard, {
        requestId,
        startSeconds,
        durationSeconds,
        isFinal: true,
        speechFinal: true,
        fromFinalize,
        punctuate: parameters.punctuate,
      }),
    );
    const last = heard.words.at(-1);
    if (parameters.utteranceEndMs !== null && last) send(utteranceEnd(startSeconds + last.end));
  }

  #queue(work: () => Promise<void>): void {
    this.#outbox = this.#outbox.then(work).catch(this.#options.onFault);
  }
}

function messageType(text: string): string | undefined {
  try {
    const message: unknown = JSON.parse(text);
    if (typeof message === 'object' && message !== null && 'type' in message) return String(message.type);
  } catch {
    // Not JSON: answered as an unknown message.
  }
  return undefined;
}
