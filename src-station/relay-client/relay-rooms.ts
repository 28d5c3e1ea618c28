/** Rooms of a kiosk of a fleet, which holds no LiveKit secret: the Edge Function `rooms` makes them. */
import { z } from 'zod';
import type { RoomService } from '../../src-runtime/livekit-rooms.ts';
import { jobMetadataSchema } from '../../src-shared/agent-link.ts';
import { closeLegsSchema, roomAttendanceSchema, roomsHealthSchema } from '../../src-shared/rooms-api.ts';
import { roomAccessSchema } from '../../src-shared/visit.ts';
import { createRelayCaller, type RelayCallOptions } from './relay-call.ts';

export function createRelayRooms(options: RelayCallOptions): RoomService {
  const { call, repeated } = createRelayCaller(options);
  return {
    // Not repeated: the visit begins a new leg instead, in a new room.
    startLeg: (metadata) => call('/rooms/legs', roomAccessSchema, jobMetadataSchema.parse(metadata)),
    closeLegs: async (talkId, legs) => {
      const body = closeLegsSchema.parse({ talkId, legs });
      await repeated(() => call('/rooms/close', z.object({}), body));
    },
    isAttended: async (name) => (await call(`/rooms/legs/${name}`, roomAttendanceSchema)).attended,
    reachable: () =>
      call('/rooms/health', roomsHealthSchema).then(
        ({ reachable }) => reachable,
        () => false,
      ),
  };
}
