/**
 * LiveKit rooms of a talk: one new room for each leg, a token for the page that opens this room only, and the agent
 * sent there by explicit dispatch. Rooms are deleted when their talk is over. Used by whoever holds the LiveKit secret:
 * the station of a single box, an Edge Function in a fleet.
 */
import { AccessToken, AgentDispatchClient, RoomServiceClient, TrackSource } from 'livekit-server-sdk';
import {
  AGENT_NAME,
  CUSTOMER_IDENTITY,
  type JobMetadata,
  jobMetadataSchema,
  roomName,
} from '../src-shared/agent-link.ts';
import { ROOM_TOKEN_SECONDS } from '../src-shared/limits.ts';
import type { RoomAccess } from '../src-shared/visit.ts';

export interface RoomService {
  /** Makes the room of a leg, sends the agent there, and gives the page's way in. */
  startLeg(metadata: JobMetadata): Promise<RoomAccess>;
  /** Deletes the rooms of legs 1 … `legs`; those that are gone are no failure. */
  closeLegs(talkId: string, legs: number): Promise<void>;
  /** True when somebody (before the page comes: the agent) is in the room. */
  isAttended(name: string): Promise<boolean>;
  /** True when the LiveKit server answers with these keys. */
  reachable(): Promise<boolean>;
}

export interface LivekitKeys {
  /** ws:// or wss:// address for the page; the server's API is at the same place by http(s). */
  url: string;
  apiKey: string;
  apiSecret: string;
}

/** Empty rooms live long enough for a page that has to reload first. */
const EMPTY_TIMEOUT_SECONDS = 120;
const DEPARTURE_TIMEOUT_SECONDS = 30;
/** Customer, agent, and one more for the moment in which a reloaded page's old self is still there. */
const MAX_PARTICIPANTS = 3;
const REQUEST_TIMEOUT_SECONDS = 5;

export function createLivekitRooms(options: LivekitKeys): RoomService {
  const { url, apiKey, apiSecret } = options;
  const host = url.replace(/^ws/, 'http');
  const limits = { requestTimeout: REQUEST_TIMEOUT_SECONDS };
  const rooms = new RoomServiceClient(host, apiKey, apiSecret, limits);
  const dispatcher = new AgentDispatchClient(host, apiKey, apiSecret, limits);
  return {
    startLeg: async (metadata) => {
      const name = roomName(metadata.talkId, metadata.leg);
      await rooms.createRoom({
        name,
        emptyTimeout: EMPTY_TIMEOUT_SECONDS,
        departureTimeout: DEPARTURE_TIMEOUT_SECONDS,
        maxParticipants: MAX_PARTICIPANTS,
      });
      await dispatcher.createDispatch(name, AGENT_NAME, {
        metadata: JSON.stringify(jobMetadataSchema.parse(metadata)),
      });
      return { url, name, token: await pageToken(name, apiKey, apiSecret) };
    },
    closeLegs: async (talkId, legs) => {
      const names = Array.from({ length: legs }, (_, index) => roomName(talkId, index + 1));
      await Promise.allSettled(names.map((name) => rooms.deleteRoom(name)));
    },
    isAttended: async (name) => (await rooms.listParticipants(name)).length > 0,
    reachable: async () => {
      try {
        await rooms.listRooms(['']);
        return true;
      } catch {
        return false;
      }
    },
  };
}

/**
 * Way into one room, for the page: listen, publish the microphone and no other track, and send data, by which typed
 * words and the calls of agent-link.ts travel.
 */
export function pageToken(room: string, apiKey: string, apiSecret: string): Promise<string> {
  const token = new AccessToken(apiKey, apiSecret, { identity: CUSTOMER_IDENTITY, ttl: ROOM_TOKEN_SECONDS });
  token.addGrant({
    room,
    roomJoin: true,
    canSubscribe: true,
    canPublish: true,
    canPublishSources: [TrackSource.MICROPHONE],
    canPublishData: true,
  });
  return token.toJwt();
}
