/**
 * What the LiveKit server itself says about a talk's room, by its signed webhooks: the second witness beside the page.
 * Told are only the losses that matter; an event that is not signed with our key is refused.
 * https://docs.livekit.io/home/server/webhooks/
 */
import { WebhookReceiver } from 'livekit-server-sdk';
import { CUSTOMER_IDENTITY } from '../../src-shared/agent-link.ts';

/** `agent_left`: the assistant is gone from the room. `room_finished`: the room is. */
export type RoomLoss = 'agent_left' | 'room_finished';

export interface RoomWitness {
  /**
   * Takes one delivery.
   * @returns false when its signature is not ours; true otherwise, also for events that mean nothing here
   */
  receive(body: string, authorization: string | undefined): Promise<boolean>;
}

/** Calls `onLoss` with the room's name for each loss that the server reports. */
export function createRoomWitness(
  keys: { apiKey: string; apiSecret: string },
  onLoss: (roomName: string, loss: RoomLoss) => void,
): RoomWitness {
  const receiver = new WebhookReceiver(keys.apiKey, keys.apiSecret);
  return {
    receive: async (body, authorization) => {
      try {
        const { event, room, participant } = await receiver.receive(body, authorization);
        const isAgent = participant !== undefined && participant.identity !== CUSTOMER_IDENTITY;
        if (room && event === 'participant_left' && isAgent) onLoss(room.name, 'agent_left');
        if (room && event === 'room_finished') onLoss(room.name, 'room_finished');
        return true;
      } catch {
        return false;
      }
    },
  };
}
