/**
 * The rooms of a talk over HTTP, for a kiosk of a fleet, which holds no LiveKit secret (Edge Function `rooms`). A talk's
 * id is the key to its rooms: 122 random bits that only its own kiosk and LiveKit know.
 *   POST /rooms/legs         JobMetadata of agent-link.ts → RoomAccess of visit.ts
 *   GET  /rooms/legs/:name   → RoomAttendance
 *   POST /rooms/close        CloseLegs → {}
 *   GET  /rooms/health       → RoomsHealth
 */
import { z } from 'zod';

/** More legs than any talk has: each needs a lost agent or room. */
const MOST_LEGS = 100;

export const closeLegsSchema = z.object({
  talkId: z.uuid(),
  /** Legs 1 … `legs` are closed. */
  legs: z.number().int().min(0).max(MOST_LEGS),
});

export const roomAttendanceSchema = z.object({ attended: z.boolean() });

export const roomsHealthSchema = z.object({
  /** True when LiveKit answers with the keys of the function. */
  reachable: z.boolean(),
});
