/**
 * The room of a talk that is about to begin, made while the "ready" screen is up: the agent is in it and waits, so the
 * greeting starts with the talk. Nothing is charged for it (the meter knows only talks that were opened). Promises: at
 * most one such room; it goes when the customer does; when anything about it is in doubt, a new one is made instead.
 */

import type { RoomService } from '../../src-runtime/livekit-rooms.ts';
import type { Logger } from '../../src-runtime/log.ts';
import { WARM_ROOM_MS } from '../../src-shared/limits.ts';
import type { Clock, Timer } from '../clock.ts';
import type { VoiceRooms } from './rooms.ts';

/** So long the agent may be on its way to a new room. */
const ARRIVAL_MS = 4_000;

interface WarmRoom {
  /** What the agent there was told, as text. */
  key: string;
  talkId: string;
  room: ReturnType<RoomService['startLeg']>;
  madeAtMs: number;
  lifetime: Timer;
}

export interface WarmRoomParts {
  clock: Clock;
  newId: () => string;
  log: Logger;
}

/** Adds the warm room to a room service. */
export function withWarmRoom(rooms: RoomService, { clock, newId, log }: WarmRoomParts): VoiceRooms {
  let warm: WarmRoom | null = null;
  /** Talks that live in a warm room, and the id that room was made with. */
  const taken = new Map<string, string>();

  const discard = (unused: WarmRoom) => {
    unused.lifetime.cancel();
    // Also when it is still being made: first made, then deleted.
    void unused.room.then(() => rooms.closeLegs(unused.talkId, 1)).catch(() => undefined);
  };
  return {
    ...rooms,
    expectTalk: (job) => {
      const key = job && JSON.stringify(job);
      if (warm?.key === key) return;
      if (warm) discard(warm);
      warm = null;
      if (!job || !key) return;
      const talkId = newId();
      const room = rooms.startLeg({ ...job, talkId });
      const made: WarmRoom = {
        key,
        talkId,
        room,
        madeAtMs: clock.monotonicMs(),
        lifetime: clock.setTimer(() => discard(made), WARM_ROOM_MS),
      };
      warm = made;
      room.catch(() => undefined);
    },
    startLeg: async (metadata) => {
      const { talkId, ...job } = metadata;
      const candidate = warm;
      if (candidate?.key !== JSON.stringify(job)) {
        log.info({ talkId, leg: job.leg, ahead: false }, 'room');
        return rooms.startLeg(metadata);
      }
      warm = null;
      const alive = await isAlive(candidate, rooms, clock);
      log.info({ talkId, leg: job.leg, ahead: alive }, 'room');
      if (alive) {
        candidate.lifetime.cancel();
        taken.set(talkId, candidate.talkId);
        return candidate.room;
      }
      discard(candidate);
      return rooms.startLeg(metadata);
    },
    closeLegs: async (talkId, legs) => {
      const warmId = taken.get(talkId);
      taken.delete(talkId);
      await Promise.all([rooms.closeLegs(talkId, legs), warmId && rooms.closeLegs(warmId, 1)]);
    },
  };
}

async function isAlive(candidate: WarmRoom, rooms: RoomService, clock: Clock): Promise<boolean> {
  try {
    const { name } = await candidate.room;
    const ageMs = clock.monotonicMs() - candidate.madeAtMs;
    if (ageMs >= WARM_ROOM_MS) return false;
    return (await rooms.isAttended(name)) || ageMs < ARRIVAL_MS;
  } catch {
    return false;
  }
}
