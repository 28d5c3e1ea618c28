/**
 * The agent's side of the room protocol (src-shared/agent-link.ts): asks the station through the customer's page, takes
 * its commands, and beats once a second so that the meter knows the agent is alive.
 */
import type { Room } from '@livekit/rtc-node';
import {
  AGENT_COMMAND_METHOD,
  AGENT_HEARTBEAT_TOPIC,
  type AgentHeartbeat,
  CUSTOMER_IDENTITY,
  STATION_CALL_METHOD,
  type StationCall,
  type ToolResult,
  toolResultSchema,
} from '../src-shared/agent-link.ts';
import { HEARTBEAT_INTERVAL_MS } from '../src-shared/limits.ts';
import { type AgentCommand, agentCommandSchema } from '../src-shared/visit.ts';

const CALL_TIMEOUT_MS = 8_000;

/** Asks the station; what the tools are given. */
export interface StationCaller {
  call(request: StationCall): Promise<ToolResult>;
}

export class StationLink implements StationCaller {
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Never throws: a station that does not answer is a result the model can speak about. */
  async call(request: StationCall): Promise<ToolResult> {
    try {
      const answer = await this.#participant().performRpc({
        destinationIdentity: CUSTOMER_IDENTITY,
        method: STATION_CALL_METHOD,
        payload: JSON.stringify(request),
        responseTimeout: CALL_TIMEOUT_MS,
      });
      return toolResultSchema.parse(JSON.parse(answer));
    } catch {
      return { ok: false, spoken: 'I can’t look that up just now. Please try again in a moment.', data: {} };
    }
  }

  /** Calls `handle` for each command; an answer tells the page that it arrived. Unknown commands are refused. */
  onCommand(handle: (command: AgentCommand) => void): void {
    this.#participant().registerRpcMethod(AGENT_COMMAND_METHOD, async ({ callerIdentity, payload }) => {
      if (callerIdentity !== CUSTOMER_IDENTITY) return 'refused';
      const command = agentCommandSchema.safeParse(JSON.parse(payload));
      if (!command.success) return 'unknown';
      handle(command.data);
      return 'ok';
    });
  }

  /** Beats at once and then every second until the returned function is called. */
  startHeartbeat(assistant: () => Pick<AgentHeartbeat, 'state' | 'hears'>): () => void {
    let beat = 0;
    const send = () => {
      beat += 1;
      const bytes = new TextEncoder().encode(
        JSON.stringify({ ...assistant(), beat } satisfies AgentHeartbeat),
      );
      const options = {
        reliable: true,
        topic: AGENT_HEARTBEAT_TOPIC,
        destination_identities: [CUSTOMER_IDENTITY],
      };
      // A room that is just closing refuses; the missing beat says the same to the other side.
      this.#room.localParticipant?.publishData(bytes, options).catch(() => undefined);
    };
    send();
    const timer = setInterval(send, HEARTBEAT_INTERVAL_MS);
    return () => clearInterval(timer);
  }

  #participant() {
    const participant = this.#room.localParticipant;
    if (!participant) throw new Error('the agent is not in the room');
    return participant;
  }
}
