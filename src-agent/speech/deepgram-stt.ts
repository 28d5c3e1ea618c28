/**
 * Speech-to-text by Deepgram's live protocol that outlasts its server. The stock plugin gives up for good after a few
 * seconds without its server, and then the whole talk ends; this one tells how it is (`onState`), connects again as
 * soon as it can, and never ends a session.
 */
import { AudioByteStream, normalizeLanguage, stt } from '@livekit/agents';
import {
  type DeepgramOptions,
  type HeardAlternative,
  LISTEN_SAMPLE_RATE_HZ,
  type ListenMessage,
  listenUrl,
  readListenMessage,
} from './deepgram-wire.ts';
import { LastingSocket, type SocketState } from './lasting-socket.ts';

/** 50 ms of sound a message. */
const SAMPLES_PER_MESSAGE = LISTEN_SAMPLE_RATE_HZ / 20;

export interface DeepgramSttOptions extends DeepgramOptions {
  onState(state: SocketState): void;
}

export class DeepgramStt extends stt.STT {
  readonly label = 'mindbot.DeepgramStt';
  readonly #options: DeepgramSttOptions;
  readonly #streams = new Set<HearingStream>();

  constructor(options: DeepgramSttOptions) {
    super({ streaming: true, interimResults: true, alignedTranscript: 'word' });
    this.#options = options;
  }

  override get model(): string {
    return this.#options.model;
  }

  override get provider(): string {
    return 'Deepgram';
  }

  stream(): stt.SpeechStream {
    const stream = new HearingStream(this, this.#options, () => this.#streams.delete(stream));
    this.#streams.add(stream);
    return stream;
  }

  /** Gives up the connection that there is, for another one. */
  connectAnew(): void {
    for (const stream of this.#streams) stream.connectAnew();
  }

  /** Not offered: whole recordings are nobody's need here. */
  protected async _recognize(): Promise<stt.SpeechEvent> {
    throw new Error('DeepgramStt hears live streams only');
  }
}

class HearingStream extends stt.SpeechStream {
  readonly label = 'mindbot.HearingStream';
  readonly #language: string;
  readonly #onEnd: () => void;
  readonly #socket: LastingSocket;
  readonly #startedAtMs = performance.now();
  #connectedAtMs = 0;
  #speaking = false;

  constructor(owner: DeepgramStt, options: DeepgramSttOptions, onEnd: () => void) {
    super(owner, LISTEN_SAMPLE_RATE_HZ);
    this.#onEnd = onEnd;
    this.#language = options.language;
    this.#socket = new LastingSocket({
      url: listenUrl(options),
      headers: { authorization: `Token ${options.apiKey}` },
      keepAlive: JSON.stringify({ type: 'KeepAlive' }),
      onText: (text) => {
        const message = readListenMessage(text);
        if (message) this.#heard(message);
      },
      onState: (state) => {
        this.#connectedAtMs = performance.now();
        // What was being said when the line broke will never be finished.
        this.#endSpeech();
        options.onState(state);
      },
    });
  }

  protected override async run(): Promise<void> {
    this.abortSignal.addEventListener('abort', () => this.#hangUp(), { once: true });
    const connected = this.#socket.run();
    const frames = new AudioByteStream(LISTEN_SAMPLE_RATE_HZ, 1, SAMPLES_PER_MESSAGE);
    for await (const item of this.input) {
      const flush = item === stt.SpeechStream.FLUSH_SENTINEL;
      const ready = flush ? frames.flush() : frames.write(bytesOf(item.data));
      for (const frame of ready) this.#socket.send(new Uint8Array(bytesOf(frame.data)));
      if (flush) this.#socket.send(JSON.stringify({ type: 'Finalize' }));
    }
    this.#hangUp();
    await connected;
  }

  connectAnew(): void {
    this.#socket.connectAnew();
  }

  #hangUp(): void {
    this.#onEnd();
    this.#socket.close(JSON.stringify({ type: 'CloseStream' }));
  }

  #heard(message: ListenMessage): void {
    if (message.type === 'SpeechStarted') this.#startSpeech();
    else if (message.type === 'UtteranceEnd') this.#endSpeech();
    else this.#heardWords(message);
  }

  #heardWords(message: ListenMessage & { type: 'Results' }): void {
    const [best] = message.channel.alternatives;
    if (best?.transcript) {
      this.#startSpeech();
      const { FINAL_TRANSCRIPT, INTERIM_TRANSCRIPT } = stt.SpeechEventType;
      this.#put({
        type: message.is_final ? FINAL_TRANSCRIPT : INTERIM_TRANSCRIPT,
        alternatives: [this.#speechData(best)],
      });
    }
    if (message.speech_final) this.#endSpeech();
  }

  #startSpeech(): void {
    if (this.#speaking) return;
    this.#speaking = true;
    this.#put({ type: stt.SpeechEventType.START_OF_SPEECH });
  }

  #endSpeech(): void {
    if (!this.#speaking) return;
    this.#speaking = false;
    this.#put({ type: stt.SpeechEventType.END_OF_SPEECH });
  }

  #put(event: stt.SpeechEvent): void {
    if (!this.queue.closed) this.queue.put(event);
  }

  /** Deepgram counts seconds from its connection, the framework from the start of its input. */
  #speechData(heard: HeardAlternative): stt.SpeechData {
    const offset = this.startTimeOffset + (this.#connectedAtMs - this.#startedAtMs) / 1000;
    return {
      language: normalizeLanguage(this.#language),
      text: heard.transcript,
      confidence: heard.confidence,
      startTime: (heard.words[0]?.start ?? 0) + offset,
      endTime: (heard.words.at(-1)?.end ?? 0) + offset,
    };
  }
}

function bytesOf(samples: Int16Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = samples;
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
