/**
 * Speech-to-text over a live connection that outlasts its servers. The stock plugin gives up for good after a few seconds
 * without its server, and then the whole talk ends; this one tells how it is (`onState`), connects again as soon as it
 * can, to the next of its list where there is one, goes back to the first when that is well, and never ends a session.
 */
import { AudioByteStream, normalizeLanguage, stt } from '@livekit/agents';
import { ProviderError } from '../providers/fault.ts';
import type { ProviderList } from '../providers/provider-list.ts';
import { type EarsEvent, type EarsWire, type HeardWords, LISTEN_SAMPLE_RATE_HZ } from './ears-wire.ts';
import { LastingSocket, type SocketState } from './lasting-socket.ts';

/** 50 ms of sound a message. */
const SAMPLES_PER_MESSAGE = LISTEN_SAMPLE_RATE_HZ / 20;
/** How often it is looked whether a better one of the list is well again. */
const LOOK_BACK_EVERY_MS = 2_000;

const TRANSCRIPTS = {
  interim: stt.SpeechEventType.INTERIM_TRANSCRIPT,
  preflight: stt.SpeechEventType.PREFLIGHT_TRANSCRIPT,
  final: stt.SpeechEventType.FINAL_TRANSCRIPT,
} as const;

export interface LiveSttOptions {
  ears: ProviderList<EarsWire>;
  onState(state: SocketState): void;
  /** Told of each fault, also of one that another recogniser made good. */
  onFault(fault: ProviderError): void;
}

export class LiveStt extends stt.STT {
  readonly label = 'mindbot.LiveStt';
  readonly #options: LiveSttOptions;
  readonly #streams = new Set<HearingStream>();

  constructor(options: LiveSttOptions) {
    super({ streaming: true, interimResults: true, alignedTranscript: 'word' });
    this.#options = options;
  }

  override get model(): string {
    return this.#options.ears.order[0]?.name.model ?? '';
  }

  override get provider(): string {
    return this.#options.ears.order[0]?.name.provider ?? '';
  }

  stream(): stt.SpeechStream {
    const stream = new HearingStream(this, this.#options, () => this.#streams.delete(stream));
    this.#streams.add(stream);
    return stream;
  }

  /** Gives up a connection that gave no words for a voice, for another one. */
  connectAnew(): void {
    for (const stream of this.#streams) stream.gaveNoWords();
  }

  /** Not offered: whole recordings are nobody's need here. */
  protected async _recognize(): Promise<stt.SpeechEvent> {
    throw new Error('LiveStt hears live streams only');
  }
}

class HearingStream extends stt.SpeechStream {
  readonly label = 'mindbot.HearingStream';
  readonly #options: LiveSttOptions;
  readonly #onEnd: () => void;
  readonly #socket: LastingSocket<EarsWire>;
  readonly #startedAtMs = performance.now();
  #connectedAtMs = 0;
  #speaking = false;

  constructor(owner: LiveStt, options: LiveSttOptions, onEnd: () => void) {
    super(owner, LISTEN_SAMPLE_RATE_HZ);
    this.#options = options;
    this.#onEnd = onEnd;
    this.#socket = new LastingSocket({
      server: () => this.#best,
      onText: (text, wire) => {
        for (const event of wire.read(text)) this.#heard(event, wire);
      },
      onState: (state, wire, status) => this.#is(state, wire, status),
    });
  }

  gaveNoWords(): void {
    const wire = this.#socket.connectedTo;
    if (!wire) return;
    this.#fails(wire, new ProviderError(wire.name, 'silent'));
    this.#socket.connectAnew();
  }

  protected override async run(): Promise<void> {
    this.abortSignal.addEventListener('abort', () => this.#hangUp(), { once: true });
    const connected = this.#socket.run();
    const lookBack = setInterval(() => this.#lookBack(), LOOK_BACK_EVERY_MS);
    const frames = new AudioByteStream(LISTEN_SAMPLE_RATE_HZ, 1, SAMPLES_PER_MESSAGE);
    for await (const item of this.input) {
      const flush = item === stt.SpeechStream.FLUSH_SENTINEL;
      const ready = flush ? frames.flush() : frames.write(bytesOf(item.data));
      for (const frame of ready) this.#socket.send(new Uint8Array(bytesOf(frame.data)));
      const finalize = this.#socket.connectedTo?.finalize;
      if (flush && finalize) this.#socket.send(finalize);
    }
    clearInterval(lookBack);
    this.#hangUp();
    await connected;
  }

  get #best(): EarsWire {
    const [best] = this.#options.ears.order;
    if (!best) throw new Error('a talk needs ears');
    return best;
  }

  #is(state: SocketState, wire: EarsWire, status: number | null): void {
    this.#connectedAtMs = performance.now();
    const { ears, onState } = this.#options;
    const wasSpeaking = this.#speaking;
    // What was being said when the line broke will never be finished.
    this.#endSpeech();
    if (state === 'open') {
      ears.works(wire);
      onState(state);
      return;
    }
    const kind = state === 'refused' ? 'refused' : wasSpeaking ? 'cut' : 'unreachable';
    this.#fails(wire, new ProviderError(wire.name, kind, status));
    // In silence the next of the list takes over unnoticed.
    if (wasSpeaking || ears.allFailing) onState(state);
  }

  #fails(wire: EarsWire, fault: ProviderError): void {
    const { ears, onFault } = this.#options;
    // A server that is away is asked for again and again; that is one fault.
    if (ears.isFailing(wire)) return;
    ears.failed(wire);
    onFault(fault);
  }

  #lookBack(): void {
    const { connectedTo } = this.#socket;
    if (connectedTo && connectedTo !== this.#best && !this.#speaking) this.#socket.connectAnew();
  }

  #hangUp(): void {
    this.#onEnd();
    this.#socket.close();
  }

  #heard(event: EarsEvent, wire: EarsWire): void {
    if (event.type === 'speechBegins') this.#startSpeech();
    else if (event.type === 'speechEnds') this.#endSpeech();
    else {
      this.#startSpeech();
      this.#put({ type: TRANSCRIPTS[event.stage], alternatives: [this.#speechData(event.heard, wire)] });
    }
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

  /** Recognisers count seconds from their connection, the framework from the start of its input. */
  #speechData(heard: HeardWords, wire: EarsWire): stt.SpeechData {
    const offset = this.startTimeOffset + (this.#connectedAtMs - this.#startedAtMs) / 1000;
    return {
      language: normalizeLanguage(wire.language),
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
