/** A customer in a LiveKit room as the kiosk's page is one: speaks, types, hears, answers the agent's calls. */
import {
  AudioFrame,
  AudioSource,
  AudioStream,
  LocalAudioTrack,
  type RemoteTrack,
  Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import {
  AGENT_COMMAND_METHOD,
  AGENT_HEARTBEAT_TOPIC,
  type AgentHeartbeat,
  agentHeartbeatSchema,
  STATION_CALL_METHOD,
  type StationCall,
  stationCallSchema,
  type ToolResult,
} from '../../../src-shared/agent-link.ts';
import type { AgentCommand } from '../../../src-shared/visit.ts';
import { insist } from '../common/insist.ts';
import { recogniseSamples, speak } from './speech.ts';

const RATE = 16_000;
const FRAME_SAMPLES = RATE / 50;
/** Louder than this is a voice, not the codec's noise. */
const VOICE_AMPLITUDE = 400;
/** Under the speech lies the noise of a quiet room: digital silence is not what a microphone gives. */
const ROOM_NOISE = 12;

/** Without `id`; the customer numbers them. */
type CommandWish = AgentCommand extends infer Each
  ? Each extends AgentCommand
    ? Omit<Each, 'id'>
    : never
  : never;

export interface TalkCustomerOptions {
  url: string;
  token: string;
  /** Answers the agent's tools; absent: never. */
  station?: (call: StationCall) => ToolResult | Promise<ToolResult>;
  /** Without one nothing is published. */
  microphone?: boolean;
}

export interface Said {
  who: 'customer' | 'assistant';
  text: string;
}

export class TalkCustomer {
  readonly calls: StationCall[] = [];
  readonly heartbeats: (AgentHeartbeat & { atMs: number })[] = [];
  /** Moments (performance.now) at which the assistant's voice was heard, one each 10–20 ms of sound. */
  readonly voiceAtMs: number[] = [];
  /** Moment (performance.now) at which the customer began to join. */
  readonly joinedAtMs = performance.now();
  readonly #room = new Room();
  readonly #said = new Map<string, Said>();
  readonly #options: TalkCustomerOptions;
  #recording: number[] = [];
  #toSay = new Int16Array(0);
  #saidAll: (toMs: number) => void = () => undefined;
  #left = false;
  #commands = 0;

  private constructor(options: TalkCustomerOptions) {
    this.#options = options;
  }

  static async join(options: TalkCustomerOptions): Promise<TalkCustomer> {
    const customer = new TalkCustomer(options);
    await customer.#join();
    return customer;
  }

  /** What both sides said, in order, growing while it is said. */
  get said(): Said[] {
    return [...this.#said.values()];
  }

  /** All that the assistant said so far, in one text. */
  get assistantText(): string {
    return this.said.flatMap(({ who, text }) => (who === 'assistant' ? [text] : [])).join(' ');
  }

  get state(): AgentHeartbeat['state'] | undefined {
    return this.heartbeats.at(-1)?.state;
  }

  async type(text: string): Promise<void> {
    await this.#room.localParticipant?.sendText(text, { topic: 'lk.chat' });
  }

  /** Speaks a sentence in real time. @returns the moments (performance.now) of its first and its last sound */
  async say(text: string): Promise<{ fromMs: number; toMs: number }> {
    const { samples, sampleRate } = await speak(text);
    if (sampleRate !== RATE) throw new Error('the voice has another rate');
    const lastSound = samples.findLastIndex((sample) => Math.abs(sample) > VOICE_AMPLITUDE);
    return new Promise((resolve) => {
      const fromMs = performance.now();
      this.#saidAll = (toMs) => resolve({ fromMs, toMs });
      this.#toSay = samples.slice(0, lastSound + 1);
    });
  }

  /** Gives a command of the station; @returns the agent's answer */
  command(command: CommandWish): Promise<string> {
    this.#commands += 1;
    return this.#agentRpc(JSON.stringify({ id: `command-${this.#commands}`, ...command }));
  }

  /** Begins a new recording of the assistant's voice. */
  record(): void {
    this.#recording = [];
  }

  /** What the assistant was heard to say since `record` (or from the start). */
  async heard(): Promise<string> {
    const samples = Int16Array.from(this.#recording);
    return (await recogniseSamples(samples)).general;
  }

  /** Waits until the assistant has said something that fits (by transcript). */
  async until(pattern: RegExp, timeoutMs = 30_000): Promise<void> {
    await insist(
      () => {
        if (!pattern.test(this.assistantText))
          throw new Error(`not said: ${pattern} in «${this.assistantText}»`);
      },
      { timeout: timeoutMs, interval: 50 },
    );
  }

  /** Waits until the assistant is in this state. */
  async untilState(state: AgentHeartbeat['state'], timeoutMs = 30_000): Promise<void> {
    const from = this.heartbeats.length;
    await insist(
      () => {
        if (!this.heartbeats.slice(from).some((beat) => beat.state === state))
          throw new Error(`not ${state} but ${this.state}; said «${this.assistantText}»`);
      },
      { timeout: timeoutMs, interval: 50 },
    );
  }

  /** Waits for the assistant's voice. @returns its first moment after `sinceMs` (performance.now) */
  voiceAfter(sinceMs: number, timeoutMs = 20_000): Promise<number> {
    return insist(
      () => {
        const heardAtMs = this.voiceAtMs.find((atMs) => atMs > sinceMs);
        if (heardAtMs === undefined) throw new Error('the assistant stays silent');
        return heardAtMs;
      },
      { timeout: timeoutMs, interval: 20 },
    );
  }

  /** Waits until nothing was heard from the assistant for a second. */
  async untilQuiet(timeoutMs = 30_000): Promise<void> {
    await insist(
      () => {
        if (performance.now() - (this.voiceAtMs.at(-1) ?? 0) < 1_000) throw new Error('still speaking');
      },
      { timeout: timeoutMs, interval: 50 },
    );
  }

  get roomName(): string {
    return this.#room.name ?? '';
  }

  get agentPresent(): boolean {
    return this.#agentIdentity !== undefined;
  }

  async leave(): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    await this.#room.disconnect();
  }

  get #agentIdentity(): string | undefined {
    return [...this.#room.remoteParticipants.values()][0]?.identity;
  }

  async #agentRpc(payload: string): Promise<string> {
    const destinationIdentity = this.#agentIdentity;
    const participant = this.#room.localParticipant;
    if (!destinationIdentity || !participant) throw new Error('the agent is not in the room');
    return participant.performRpc({ destinationIdentity, method: AGENT_COMMAND_METHOD, payload });
  }

  async #join(): Promise<void> {
    this.#room
      .on(RoomEvent.TrackSubscribed, (track) => {
        if (track.kind === TrackKind.KIND_AUDIO) void this.#listen(track);
      })
      .on(RoomEvent.DataReceived, (payload, _participant, _kind, topic) => {
        if (topic !== AGENT_HEARTBEAT_TOPIC) return;
        const beat = agentHeartbeatSchema.parse(JSON.parse(new TextDecoder().decode(payload)));
        this.heartbeats.push({ ...beat, atMs: performance.now() });
      });
    this.#room.registerTextStreamHandler('lk.transcription', (reader, { identity }) => {
      const who = identity === 'customer' ? 'customer' : 'assistant';
      const id = reader.info.attributes?.['lk.segment_id'] ?? reader.info.streamId;
      void (async () => {
        let text = '';
        for await (const part of reader) {
          text += part;
          this.#said.set(id, { who, text });
        }
        // A stream that is cut off by our leaving is no fault.
      })().catch(() => undefined);
    });
    await this.#room.connect(this.#options.url, this.#options.token, {
      autoSubscribe: true,
      dynacast: false,
    });
    this.#room.localParticipant?.registerRpcMethod(STATION_CALL_METHOD, async ({ payload }) => {
      const call = stationCallSchema.parse(JSON.parse(payload));
      this.calls.push(call);
      const answer = this.#options.station?.(call) ?? new Promise<ToolResult>(() => undefined);
      return JSON.stringify(await answer);
    });
    if (this.#options.microphone ?? true) await this.#openMicrophone();
  }

  async #listen(track: RemoteTrack): Promise<void> {
    for await (const frame of new AudioStream(track, RATE, 1)) {
      if (frame.data.some((sample) => Math.abs(sample) > VOICE_AMPLITUDE))
        this.voiceAtMs.push(performance.now());
      for (const sample of frame.data) this.#recording.push(sample);
    }
  }

  async #openMicrophone(): Promise<void> {
    const source = new AudioSource(RATE, 1, 100);
    const track = LocalAudioTrack.createAudioTrack('microphone', source);
    const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE });
    await this.#room.localParticipant?.publishTrack(track, options);
    void (async () => {
      while (!this.#left) await source.captureFrame(this.#nextFrame());
    })();
  }

  #nextFrame(): AudioFrame {
    const samples = Int16Array.from({ length: FRAME_SAMPLES }, (_, at) => {
      const noise = Math.round((Math.random() - 0.5) * 2 * ROOM_NOISE);
      return Math.max(-32_768, Math.min(32_767, (this.#toSay[at] ?? 0) + noise));
    });
    if (this.#toSay.length > 0) {
      this.#toSay = this.#toSay.slice(FRAME_SAMPLES);
      if (this.#toSay.length === 0) this.#saidAll(performance.now());
    }
    return new AudioFrame(samples, RATE, 1, FRAME_SAMPLES);
  }
}
