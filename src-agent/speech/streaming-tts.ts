/**
 * Text-to-speech over HTTP that plays while it arrives. The stock plugins wait for the whole sentence (measured with
 * OpenAI's: 6.4 s for 539 characters, against 1.1 s to the first streamed audio); this one hands on each 50 ms as soon as
 * its bytes are there, from every voice in speech-request.ts. Promises: what is handed on begins with sound; a voice that
 * refuses, hangs, breaks off or sends silence is a fault, and while nothing was heard of the piece the next voice of the
 * list speaks it; never much more is asked for than will be heard.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type APIConnectOptions, AudioByteStream, shortuuid, tts } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import { SOUNDLESS_MS } from '../../src-shared/limits.ts';
import { askInOrder } from '../providers/ask-in-order.ts';
import { ProviderError, providerErrorOf } from '../providers/fault.ts';
import type { ProviderList } from '../providers/provider-list.ts';
import { SoundCheck } from './sound-check.ts';
import { SPEECH_RATE_HZ, type SpeechVoice } from './speech-request.ts';

const CHANNELS = 1;
const FRAME_MS = 50;
const SAMPLES_PER_FRAME = (SPEECH_RATE_HZ * FRAME_MS) / 1000;
/**
 * Longest wait for the first sound where another voice can take over, and where there is none. Two tries and the pause
 * between them stay below the ten seconds after which the framework gives up, and takes that for an interruption.
 */
const FIRST_SOUND_MS = { withNext: 3_000, last: 4_500 };
/** So much speech may lie ready: what is cut off by the customer was paid for nothing. */
const SPEECH_AHEAD_MS = 20_000;

export interface StreamingTtsOptions {
  voices: ProviderList<SpeechVoice>;
  /** Told of each fault, also of one that another voice made good. */
  onFault(fault: ProviderError): void;
  /** Longest wait for the first sound, in milliseconds; for tests. */
  firstSoundMs?: number;
  /** Longest time without sound in a piece, in milliseconds; for tests. */
  soundlessMs?: number;
}

export class StreamingTts extends tts.TTS {
  readonly label = 'mindbot.StreamingTts';
  readonly #options: StreamingTtsOptions;
  readonly #closed = new AbortController();
  /** Pieces are asked for one after the other: a server at home makes one at a time anyway. */
  #lastPiece: Promise<void> = Promise.resolve();
  #playsUntilMs = 0;

  constructor(options: StreamingTtsOptions) {
    super(SPEECH_RATE_HZ, CHANNELS, { streaming: false });
    this.#options = options;
  }

  override get model(): string {
    return this.#options.voices.order[0]?.name.model ?? '';
  }

  synthesize(text: string, connOptions?: APIConnectOptions, abortSignal?: AbortSignal): tts.ChunkedStream {
    const signals = abortSignal ? [abortSignal, this.#closed.signal] : [this.#closed.signal];
    return new SpeechStream(this, text, this.#options, connOptions, AbortSignal.any(signals));
  }

  /** Not offered: sentences go one by one through `synthesize`. */
  stream(): tts.SynthesizeStream {
    throw new Error('StreamingTts speaks sentence by sentence; the session splits the text');
  }

  /** Nothing is being played now: what lay ready was heard, or was cut off. */
  nothingPlays(): void {
    this.#playsUntilMs = 0;
  }

  /** So much more sound lies ready. */
  addReady(durationMs: number): void {
    this.#playsUntilMs = Math.max(this.#playsUntilMs, performance.now()) + durationMs;
  }

  /** Runs `speak` when the pieces before are there and the customer will soon need more. Ends early when aborted. */
  async inTurn(signal: AbortSignal, speak: () => Promise<void>): Promise<void> {
    const before = this.#lastPiece;
    const mine = (async () => {
      await before;
      while (!signal.aborted) {
        const tooEarlyMs = this.#playsUntilMs - performance.now() - SPEECH_AHEAD_MS;
        if (tooEarlyMs <= 0) return speak();
        await pause(Math.min(tooEarlyMs, 250));
      }
    })();
    this.#lastPiece = mine.catch(() => undefined);
    await mine;
  }

  override async close(): Promise<void> {
    this.#closed.abort();
    this.#options.voices.close();
  }
}

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
    await this.#owner.inTurn(this.#signal, () => this.#speakByAny());
  }

  async #speakByAny(): Promise<void> {
    const { voices, onFault, firstSoundMs } = this.#options;
    const fault = await askInOrder({
      providers: voices,
      ask: (voice, isLast) =>
        this.#speak(voice, firstSoundMs ?? (isLast ? FIRST_SOUND_MS.last : FIRST_SOUND_MS.withNext)),
      hasBegun: () => this.#spoken,
      isAborted: () => this.#signal.aborted,
      onFault,
    });
    if (fault) this.#report(fault);
  }

  async #speak(voice: SpeechVoice, firstSoundMs: number): Promise<ProviderError | undefined> {
    const limits = { firstSoundMs, soundlessMs: this.#options.soundlessMs ?? SOUNDLESS_MS };
    const check = new SoundCheck(limits, performance.now());
    const overdue = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const watch = () => {
      const leftMs = check.dueMs - performance.now();
      if (leftMs <= 0) overdue.abort();
      else timer = setTimeout(watch, leftMs);
    };
    watch();
    let bytesReceived = 0;
    try {
      const body = await request(voice, this.inputText, AbortSignal.any([this.#signal, overdue.signal]));
      const frames = new AudioByteStream(SPEECH_RATE_HZ, CHANNELS, SAMPLES_PER_FRAME);
      const hand = this.#handOver(check);
      for await (const bytes of body) {
        bytesReceived += bytes.length;
        for (const frame of frames.write(toArrayBuffer(bytes))) hand(frame);
      }
      for (const frame of frames.flush()) hand(frame);
      hand(null);
      return check.sounded ? undefined : new ProviderError(voice.name, 'silent');
    } catch (error) {
      if (!overdue.signal.aborted) return providerErrorOf(voice.name, error, bytesReceived > 0);
      if (bytesReceived === 0) return new ProviderError(voice.name, 'slow');
      return new ProviderError(voice.name, check.sounded ? 'cut' : 'silent');
    } finally {
      clearTimeout(timer);
    }
  }

  /** Hands on frames from the first sound on; `null` ends. The last one carries `final`, so one is always held back. */
  #handOver(check: SoundCheck): (frame: AudioFrame | null) => void {
    const requestId = shortuuid();
    let held: AudioFrame | undefined;
    return (frame) => {
      if (frame) check.take(frame.data, durationMs(frame), performance.now());
      if (held && check.sounded) this.#put({ requestId, segmentId: requestId, frame: held, final: !frame });
      // Silence before the first sound is dropped but for its last frame, which may hold a soft beginning.
      held = frame ?? undefined;
    };
  }

  #report(error: ProviderError): void {
    const { label } = this;
    this.#owner.emit('error', {
      type: 'tts_error',
      timestamp: Date.now(),
      label,
      error,
      recoverable: false,
    });
  }

  #put(audio: tts.SynthesizedAudio): void {
    this.#spoken = true;
    this.#owner.addReady(durationMs(audio.frame));
    if (!this.queue.closed) this.queue.put(audio);
  }
}

async function request(
  voice: SpeechVoice,
  text: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const { url, headers, body } = voice.request(text);
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
  const isSound = !/^(text|application\/json)/.test(response.headers.get('content-type') ?? '');
  if (response.ok && response.body && isSound) return response.body;
  await response.body?.cancel();
  throw new ProviderError(voice.name, response.ok ? 'garbage' : 'refused', response.status);
}

function durationMs({ samplesPerChannel, sampleRate }: AudioFrame): number {
  return (samplesPerChannel * 1000) / sampleRate;
}

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

/** Asks a voice for a text up to its first sound. @returns what went wrong, undefined when it sounds */
export async function firstSound(
  voice: SpeechVoice,
  text: string,
  withinMs: number,
): Promise<ProviderError | undefined> {
  const leaving = new AbortController();
  const overdue = AbortSignal.timeout(withinMs);
  const check = new SoundCheck({ firstSoundMs: withinMs, soundlessMs: withinMs }, performance.now());
  let received = false;
  try {
    const body = await request(voice, text, AbortSignal.any([leaving.signal, overdue]));
    const frames = new AudioByteStream(SPEECH_RATE_HZ, CHANNELS, SAMPLES_PER_FRAME);
    for await (const bytes of body) {
      received = true;
      for (const frame of frames.write(toArrayBuffer(bytes)))
        check.take(frame.data, FRAME_MS, performance.now());
      if (check.sounded) return undefined;
    }
    for (const frame of frames.flush()) check.take(frame.data, durationMs(frame), performance.now());
    return check.sounded ? undefined : new ProviderError(voice.name, 'silent');
  } catch (error) {
    if (overdue.aborted) return new ProviderError(voice.name, received ? 'silent' : 'slow');
    return providerErrorOf(voice.name, error, received);
  } finally {
    leaving.abort();
  }
}
