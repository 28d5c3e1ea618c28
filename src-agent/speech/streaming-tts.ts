/**
 * Text-to-speech over HTTP that plays while it arrives. The stock plugins wait for the whole sentence (measured with
 * OpenAI's: 6.4 s for 539 characters, against 1.1 s to the first streamed audio); this one hands on each 50 ms as soon as
 * its bytes are there, from every voice in speech-request.ts. A server that hangs, before the first byte or in
 * mid-sentence, is a failure like any other.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type APIConnectOptions, AudioByteStream, shortuuid, tts } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import { type Backoff, retried } from '../../src-shared/retry.ts';
import { SPEECH_RATE_HZ, type SpeechVoice } from './speech-request.ts';

const CHANNELS = 1;
const SAMPLES_PER_FRAME = SPEECH_RATE_HZ / 20;
/** Longest wait for the answer, and for each next piece of it. */
const STALL_MS = 6_000;
/** One quick repetition hides a hiccup; more would only lengthen the silence before the customer is told. */
const TRIES = 2;
const RETRY: Backoff = { firstMs: 300, longestMs: 300 };

export interface StreamingTtsOptions {
  voice: SpeechVoice;
  /** Milliseconds without a byte after which the server counts as hanging. */
  stallMs?: number;
}

export class StreamingTts extends tts.TTS {
  readonly label = 'mindbot.StreamingTts';
  readonly #options: StreamingTtsOptions;
  readonly #closed = new AbortController();

  constructor(options: StreamingTtsOptions) {
    super(SPEECH_RATE_HZ, CHANNELS, { streaming: false });
    this.#options = options;
  }

  override get model(): string {
    return this.#options.voice.model;
  }

  synthesize(text: string, connOptions?: APIConnectOptions, abortSignal?: AbortSignal): tts.ChunkedStream {
    const signals = abortSignal ? [abortSignal, this.#closed.signal] : [this.#closed.signal];
    return new SpeechStream(this, text, this.#options, connOptions, AbortSignal.any(signals));
  }

  /** Not offered: sentences go one by one through `synthesize`. */
  stream(): tts.SynthesizeStream {
    throw new Error('StreamingTts speaks sentence by sentence; the session splits the text');
  }

  override async close(): Promise<void> {
    this.#closed.abort();
  }
}

/** Asking again would bring the same answer. */
class RefusedError extends Error {}
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 404, 422]);

class SpeechStream extends tts.ChunkedStream {
  readonly label = 'mindbot.SpeechStream';
  readonly #options: StreamingTtsOptions;
  readonly #signal: AbortSignal;
  readonly #owner: StreamingTts;
  #spoken = false;

  constructor(
    owner: StreamingTts,
    text: string,
    options: StreamingTtsOptions,
    connOptions: APIConnectOptions | undefined,
    signal: AbortSignal,
  ) {
    super(text, owner, connOptions, signal);
    this.#owner = owner;
    this.#options = options;
    this.#signal = signal;
  }

  /**
   * Never throws: a failure is reported once, as the framework does after its own tries, but without the rejected
   * promise that it leaves behind.
   */
  protected override async run(): Promise<void> {
    // Half a sentence is never begun again.
    const again = (failures: number, error: unknown) =>
      failures < TRIES && !this.#spoken && !this.#signal.aborted && !(error instanceof RefusedError);
    try {
      await retried(() => this.#speak(), { backoff: RETRY, again, wait: pause });
    } catch (error) {
      // Barge-in and the end of the talk abort the request; that is no fault.
      if (!this.#signal.aborted) this.#report(error);
    }
  }

  async #speak(): Promise<void> {
    const stalled = new AbortController();
    const timer = setTimeout(() => stalled.abort(), this.#options.stallMs ?? STALL_MS);
    try {
      const body = await this.#request(AbortSignal.any([this.#signal, stalled.signal]));
      const frames = new AudioByteStream(SPEECH_RATE_HZ, CHANNELS, SAMPLES_PER_FRAME);
      const requestId = shortuuid();
      let held: AudioFrame | undefined;
      const hand = (frame: AudioFrame) => {
        // The last frame carries `final`, so one is always held back.
        if (held) this.#put({ requestId, segmentId: requestId, frame: held, final: false });
        held = frame;
      };
      for await (const bytes of body) {
        timer.refresh();
        for (const frame of frames.write(toArrayBuffer(bytes))) hand(frame);
      }
      for (const frame of frames.flush()) hand(frame);
      if (held) this.#put({ requestId, segmentId: requestId, frame: held, final: true });
    } finally {
      clearTimeout(timer);
    }
  }

  async #request(signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { url, headers, body } = this.#options.voice.request(this.inputText);
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
    if (response.ok && response.body) return response.body;
    await response.body?.cancel();
    const message = `text-to-speech answered ${response.status}`;
    throw REFUSALS.has(response.status) ? new RefusedError(message) : new Error(message);
  }

  #report(error: unknown): void {
    const { label } = this;
    const reported = error instanceof Error ? error : new Error(String(error));
    this.#owner.emit('error', {
      type: 'tts_error',
      timestamp: Date.now(),
      label,
      error: reported,
      recoverable: false,
    });
  }

  #put(audio: tts.SynthesizedAudio): void {
    this.#spoken = true;
    if (!this.queue.closed) this.queue.put(audio);
  }
}

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
