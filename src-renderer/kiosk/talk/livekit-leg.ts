/**
 * One leg of a talk: one LiveKit room, joined once and left for good. Publishes the microphone, plays the assistant,
 * passes tool calls to the station and commands to the agent, and tells the station every second how the line is.
 */
import {
  ConnectionState,
  DisconnectReason,
  type Participant,
  type RemoteTrack,
  Room,
  RoomEvent,
  RpcError,
  Track,
} from 'livekit-client';
import {
  AGENT_COMMAND_METHOD,
  AGENT_HEARTBEAT_TOPIC,
  agentHeartbeatSchema,
  STATION_CALL_METHOD,
  stationCallSchema,
} from '../../../src-shared/agent-link.ts';
import { HEARTBEAT_INTERVAL_MS } from '../../../src-shared/limits.ts';
import { parseJson } from '../../../src-shared/parse-json.ts';
import { pause } from '../../../src-shared/retry.ts';
import type { AgentCommand, Caption, TalkHeartbeat } from '../../../src-shared/visit.ts';
import type { StationLink } from '../station/link.ts';
import { CommandCourier } from './command-courier.ts';
import { buildHeartbeat, type TalkSigns } from './heartbeat.ts';
import { LegMicrophone, MICROPHONE } from './leg-microphone.ts';
import { Loudspeaker } from './loudspeaker.ts';
import { SoundWatch } from './sound-watch.ts';
import type { SoundWishes, TalkState } from './talk-engine.ts';
import { readTranscription, TRANSCRIPTION_TOPIC } from './transcription.ts';

const CHAT_TOPIC = 'lk.chat';
/** Set by the agents framework. */
const AGENT_STATE_ATTRIBUTE = 'lk.agent.state';
const REJOIN_MS = 1_500;
const COMMAND_TIMEOUT_MS = 8_000;
/** How often the microphone and the assistant's sound are looked at: what is lost is told within three seconds. */
const LOOK_EVERY_MS = 250;

/** After these the room is not ours any more; the station makes a new leg if it wants one. */
const FINAL_REASONS: ReadonlySet<DisconnectReason> = new Set([
  DisconnectReason.CLIENT_INITIATED,
  DisconnectReason.DUPLICATE_IDENTITY,
  DisconnectReason.PARTICIPANT_REMOVED,
  DisconnectReason.ROOM_DELETED,
  DisconnectReason.ROOM_CLOSED,
]);

interface LegOptions {
  link: StationLink;
  talkId: string;
  leg: number;
  room: { url: string; token: string };
  wishes: SoundWishes;
  onChange(part: Partial<TalkState>): void;
  said(caption: Caption): void;
}

export class TalkLeg {
  readonly talkId: string;
  readonly number: number;
  readonly #options: LegOptions;
  readonly #room = new Room({ audioCaptureDefaults: MICROPHONE, disconnectOnPageLeave: true });
  readonly #courier: CommandCourier;
  readonly #watch = new SoundWatch();
  readonly #microphone: LegMicrophone;
  readonly #loudspeaker = new Loudspeaker(() => void this.#beat());
  readonly #heartbeat: ReturnType<typeof setInterval>;
  readonly #look: ReturnType<typeof setInterval>;
  #wishes: SoundWishes;
  #agentTrack: RemoteTrack | null = null;
  #agentBeat: TalkSigns['agentBeat'] = null;
  #lastVoiceAtMs: number | null = null;
  /** Words were typed since microphone or loudspeaker were lost: the talk goes on in writing. */
  #writesInstead = false;
  #beating = false;
  #joinTried = false;
  #published = false;
  #closed = false;

  constructor(options: LegOptions) {
    this.#options = options;
    this.talkId = options.talkId;
    this.number = options.leg;
    this.#wishes = options.wishes;
    this.#courier = new CommandCourier({
      deliver: (command) => this.#command(command),
      acknowledge: (id) => options.link.commandDone(id),
      wait: pause,
    });
    this.#microphone = new LegMicrophone({
      room: this.#room,
      watch: this.#watch,
      wishes: options.wishes,
      onChange: (microphone) => this.#microphoneIs(microphone),
    });
    this.#listen();
    this.#look = setInterval(() => this.#lookAtSound(), LOOK_EVERY_MS);
    this.#heartbeat = setInterval(() => void this.#beat(), HEARTBEAT_INTERVAL_MS);
    // At once and before joining: a page that was loaded anew in a leg it had joined tells so by this, and gets another.
    void this.#beat();
    void this.#join();
  }

  offer(commands: readonly AgentCommand[]): void {
    this.#courier.offer(commands);
  }

  wish(wishes: SoundWishes): void {
    this.#wishes = wishes;
    this.#applyVolume();
    this.#microphone.wish(wishes);
  }

  async write(text: string): Promise<void> {
    await this.#room.localParticipant.sendText(text, { topic: CHAT_TOPIC });
    this.#heard();
    this.#writesInstead = this.#isUnheard;
    void this.#beat();
  }

  allowSound(): void {
    void this.#room.startAudio();
    this.#watch.resume();
  }

  level(who: Caption['who']): number {
    return this.#watch.level(who);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#heartbeat);
    clearInterval(this.#look);
    this.#courier.stop();
    this.#microphone.close();
    this.#loudspeaker.close();
    this.#watch.close();
    if (this.#agentTrack) release(this.#agentTrack);
    this.#room.removeAllListeners();
    void this.#room.disconnect(true);
  }

  #listen(): void {
    this.#room
      .on(RoomEvent.ConnectionStateChanged, () => this.#options.onChange({ connection: this.#connection() }))
      .on(RoomEvent.Disconnected, (reason) => {
        if (reason === undefined || !FINAL_REASONS.has(reason)) this.#joinLater();
      })
      .on(RoomEvent.TrackSubscribed, (track) => this.#play(track))
      .on(RoomEvent.TrackUnsubscribed, (track) => {
        release(track);
        if (track === this.#agentTrack) this.#agentTrack = null;
      })
      .on(RoomEvent.AudioPlaybackStatusChanged, () => {
        this.#options.onChange({ needsTouch: !this.#room.canPlaybackAudio });
      })
      .on(RoomEvent.DataReceived, (payload, participant, _kind, topic) => {
        if (topic === AGENT_HEARTBEAT_TOPIC && participant?.isAgent) this.#agentBeats(payload);
      })
      .on(RoomEvent.ParticipantAttributesChanged, (changed, participant) => {
        if (participant.isAgent) this.#agentTurnsTo(changed[AGENT_STATE_ATTRIBUTE]);
      });
    this.#room.registerRpcMethod(STATION_CALL_METHOD, (call) =>
      this.#stationCall(call.callerIdentity, call.payload),
    );
    this.#room.registerTextStreamHandler(TRANSCRIPTION_TOPIC, (reader, { identity }) => {
      const who = identity === this.#room.localParticipant.identity ? 'customer' : 'assistant';
      void readTranscription(reader, reader.info, who, (caption) => {
        if (this.#closed) return;
        // The assistant's words come before their sound, and without any when its voice is broken.
        if (who === 'customer') this.#heard();
        this.#options.said(caption);
      });
    });
  }

  async #join(): Promise<void> {
    this.#joinTried = true;
    try {
      await this.#room.connect(this.#options.room.url, this.#options.room.token);
    } catch {
      this.#joinLater();
      return;
    }
    if (this.#closed) return;
    this.#options.onChange({ connection: this.#connection(), needsTouch: !this.#room.canPlaybackAudio });
    await this.#microphone.publish();
    this.#published = true;
  }

  #joinLater(): void {
    if (this.#closed) return;
    setTimeout(() => {
      if (!this.#closed) void this.#join();
    }, REJOIN_MS);
  }

  #microphoneIs(microphone: TalkState['microphone']): void {
    this.#writesInstead &&= this.#isUnheard;
    this.#options.onChange({ microphone });
    void this.#beat();
  }

  #lookAtSound(): void {
    if (this.#published) this.#microphone.look();
    const audibleAtMs = this.#watch.audibleAtMs('assistant');
    if (audibleAtMs !== null) this.#lastVoiceAtMs = Math.max(this.#lastVoiceAtMs ?? 0, audibleAtMs);
  }

  /** One of the ways of sound is lost: microphone, loudspeaker, or the assistant's ears. */
  get #isUnheard(): boolean {
    return this.#microphone.state === 'lost' || this.#loudspeaker.lost || this.#agentBeat?.hears === false;
  }

  #play(track: RemoteTrack): void {
    if (track.kind !== Track.Kind.Audio) return;
    // In the document, so that whoever looks after the page finds what it plays.
    document.body.append(track.attach());
    this.#agentTrack = track;
    this.#applyVolume();
    this.#watch.measure('assistant', track.mediaStreamTrack);
  }

  #applyVolume(): void {
    for (const element of this.#agentTrack?.attachedElements ?? []) element.volume = this.#wishes.volume;
  }

  #agentBeats(payload: Uint8Array): void {
    const beat = agentHeartbeatSchema.safeParse(parseJson(new TextDecoder().decode(payload)));
    if (!beat.success) return;
    const { state, hears } = beat.data;
    this.#agentBeat = { state, hears, atMs: performance.now() };
    this.#writesInstead &&= this.#isUnheard;
    this.#options.onChange({ agentState: state });
  }

  /** LiveKit tells of a change of state at once, the next heartbeat up to a second later: short answers lie between. */
  #agentTurnsTo(state: string | undefined): void {
    const told = agentHeartbeatSchema.shape.state.safeParse(state);
    // A provider that fails is for the heartbeat to tell.
    if (!told.success || !this.#agentBeat || this.#agentBeat.state === 'failing') return;
    this.#agentBeat = { ...this.#agentBeat, state: told.data };
    this.#options.onChange({ agentState: told.data });
    void this.#beat();
  }

  #agent(): Participant | undefined {
    return [...this.#room.remoteParticipants.values()].find((participant) => participant.isAgent);
  }

  async #stationCall(callerIdentity: string, payload: string): Promise<string> {
    // Only the agent may ask the station for something through this page.
    if (callerIdentity !== this.#agent()?.identity) throw new RpcError(1403, 'not the agent');
    const call = stationCallSchema.safeParse(parseJson(payload));
    if (!call.success) throw new RpcError(1400, 'not a station call');
    return JSON.stringify(await this.#options.link.stationCall(call.data));
  }

  async #command(command: AgentCommand): Promise<void> {
    const agent = this.#agent();
    if (!agent) throw new Error('the agent is not in the room');
    await this.#room.localParticipant.performRpc({
      destinationIdentity: agent.identity,
      method: AGENT_COMMAND_METHOD,
      payload: JSON.stringify(command),
      responseTimeout: COMMAND_TIMEOUT_MS,
    });
  }

  #heard(): void {
    this.#lastVoiceAtMs = performance.now();
  }

  async #beat(): Promise<void> {
    if (this.#beating) return;
    if (this.#room.activeSpeakers.length > 0) this.#heard();
    const beat = buildHeartbeat(
      {
        talkId: this.talkId,
        leg: this.number,
        connection: this.#connection(),
        agentBeat: this.#agentBeat,
        agentSoundAtMs: this.#watch.audibleAtMs('assistant'),
        lastVoiceAtMs: this.#lastVoiceAtMs,
        hearsAgent: this.#hearsAgent(),
        canSpeak: this.#microphone.state !== 'starting',
        microphoneLost: this.#microphone.state === 'lost' && !this.#writesInstead,
        speakerLost: this.#loudspeaker.lost && !this.#writesInstead,
        writes: this.#writesInstead || this.#microphone.state === 'none',
      },
      performance.now(),
    );
    this.#beating = true;
    await this.#options.link.heartbeat(beat).catch(() => undefined);
    this.#beating = false;
  }

  #hearsAgent(): boolean {
    const elements = this.#agentTrack?.attachedElements ?? [];
    return this.#room.canPlaybackAudio && elements.some((element) => !element.paused);
  }

  #connection(): TalkHeartbeat['connection'] {
    if (!this.#joinTried) return 'connecting';
    const { state } = this.#room;
    if (state === ConnectionState.Connected) return 'connected';
    if (state === ConnectionState.Connecting) return 'connecting';
    return state === ConnectionState.Disconnected ? 'disconnected' : 'reconnecting';
  }
}

/** Stops playing a track and takes its elements away. */
function release(track: RemoteTrack): void {
  for (const element of track.detach()) element.remove();
}
