/**
 * The customer's microphone in one room: published, muted as wished, and watched. Promises: a microphone that was
 * pulled out, shut by the system, forbidden, or gives nothing but zeros is called `lost` within three seconds, and is
 * opened again, or another one of this machine, until one gives sound.
 */
import { type LocalTrackPublication, type Room, Track } from 'livekit-client';
import { MICROPHONE_SILENT_MS } from '../../../src-shared/limits.ts';
import type { SoundWatch } from './sound-watch.ts';
import type { SoundWishes, TalkState } from './talk-engine.ts';

export const MICROPHONE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true } as const;
/** A lost one is opened again this often. */
const REOPEN_EVERY_MS = 2_000;

interface MicrophoneParts {
  room: Room;
  watch: SoundWatch;
  wishes: SoundWishes;
  onChange(state: TalkState['microphone']): void;
}

export class LegMicrophone {
  readonly #parts: MicrophoneParts;
  #wishes: SoundWishes;
  #state: TalkState['microphone'] = 'starting';
  #opening = false;
  #openedAtMs = Number.NEGATIVE_INFINITY;
  /** Counts the tries to get sound back: each takes the next device. */
  #tries = 0;
  #closed = false;

  constructor(parts: MicrophoneParts) {
    this.#parts = parts;
    this.#wishes = parts.wishes;
  }

  get state(): TalkState['microphone'] {
    return this.#state;
  }

  /** Publishes it, once the room is joined. */
  async publish(): Promise<void> {
    if (this.#wishes.typing) return this.#become('none');
    await this.#open();
    this.look();
  }

  wish(wishes: SoundWishes): void {
    this.#wishes = wishes;
    if (this.#state === 'on') {
      this.#parts.watch.excuse('customer', performance.now());
      void this.#parts.room.localParticipant.setMicrophoneEnabled(!wishes.muted).catch(() => undefined);
    }
  }

  /** To be called a few times a second once it is published. */
  look(): void {
    if (this.#closed || this.#state === 'none' || this.#opening) return;
    const nowMs = performance.now();
    if (this.#wishes.muted) this.#parts.watch.excuse('customer', nowMs);
    const works = this.#works(nowMs);
    if (works) this.#tries = 0;
    this.#become(works ? 'on' : 'lost');
    if (!works && nowMs - this.#openedAtMs > REOPEN_EVERY_MS) void this.#open();
  }

  close(): void {
    this.#closed = true;
  }

  #works(nowMs: number): boolean {
    const source = this.#publication()?.audioTrack?.mediaStreamTrack;
    if (!source || source.readyState === 'ended' || source.muted) return false;
    return this.#parts.watch.deadMs('customer', nowMs) < MICROPHONE_SILENT_MS;
  }

  async #open(): Promise<void> {
    const { room, watch } = this.#parts;
    this.#opening = true;
    try {
      const track = this.#publication()?.audioTrack;
      const deviceId = await this.#nextDevice();
      if (track) await track.restartTrack({ ...MICROPHONE, ...(deviceId ? { deviceId } : {}) });
      await room.localParticipant.setMicrophoneEnabled(true);
      const opened = this.#publication()?.audioTrack;
      if (opened) watch.measure('customer', opened.mediaStreamTrack);
      if (this.#wishes.muted) await room.localParticipant.setMicrophoneEnabled(false);
    } catch {
      // None, or no leave to use it: told by `look`, and tried again.
    }
    this.#openedAtMs = performance.now();
    this.#opening = false;
  }

  /** The system's own choice first, then one after the other. */
  async #nextDevice(): Promise<string | undefined> {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const inputs = devices.filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId !== 'default');
    const turn = this.#tries % (inputs.length + 1);
    this.#tries += 1;
    return turn === 0 ? undefined : inputs[turn - 1]?.deviceId;
  }

  #publication(): LocalTrackPublication | undefined {
    return this.#parts.room.localParticipant.getTrackPublication(Track.Source.Microphone);
  }

  #become(state: TalkState['microphone']): void {
    if (state === this.#state || this.#closed) return;
    this.#state = state;
    this.#parts.onChange(state);
  }
}
