/**
 * How agent, page and station talk through the LiveKit room, so that an agent on another machine works
 * like the one next door. The page only passes messages on.
 *
 * agent → page: RPC `station.call` {tool, arguments} → ToolResult as JSON text (the page asks the station by tRPC);
 *               data packets on topic `mindbot.heartbeat` once a second.
 * page → agent: RPC `agent.command` with an AgentCommand (src-shared/visit.ts) as JSON text; typed words by LiveKit's
 *               own text stream on `lk.chat`; captions come back on `lk.transcription`.
 * Rooms have a new name for every leg (rejoining one loses transcripts); dispatch is explicit by AGENT_NAME.
 */
import { z } from 'zod';
import { captionSchema, localeSchema } from './visit.ts';

export const AGENT_NAME = 'mindbot';
export const CUSTOMER_IDENTITY = 'customer';
export const STATION_CALL_METHOD = 'station.call';
export const AGENT_COMMAND_METHOD = 'agent.command';
export const AGENT_HEARTBEAT_TOPIC = 'mindbot.heartbeat';

export function roomName(talkId: string, leg: number): string {
  return `talk-${talkId}-${leg}`;
}

/** Metadata of the job: all the agent knows of the customer. No code, no e-mail. */
export const jobMetadataSchema = z.object({
  visitId: z.uuid(),
  talkId: z.uuid(),
  leg: z.number().int(),
  locale: localeSchema,
  /** Language of the leg before, null in the first: where it was another one, the customer has just changed it. */
  formerLocale: localeSchema.nullable(),
  /** First name when the customer gave one and agreed; else null. */
  customerName: z.string().max(60).nullable(),
  remainingSeconds: z.number().int(),
  /** True when speech and language are the embedded, scripted demo: the greeting says so. */
  demo: z.boolean(),
  /** What was said in earlier legs of this talk; the agent goes on from there instead of greeting anew. */
  history: z.array(captionSchema),
});
export type JobMetadata = z.infer<typeof jobMetadataSchema>;

/**
 * So much of what was said goes into a job, newest first: LiveKit refuses a job whose metadata is larger than 512 KiB
 * (`limit.max_metadata_size` of its server, as it ships), and the talk could not go on.
 */
export const JOB_HISTORY_BYTES = 480 * 1024;

export const agentHeartbeatSchema = z.object({
  state: z.enum(['initializing', 'listening', 'thinking', 'speaking', 'failing']),
  /** False while speech recognition is not to be had and the customer was asked to write. */
  hears: z.boolean(),
  /** Counts up from 1 within a leg. */
  beat: z.number().int(),
});
export type AgentHeartbeat = z.infer<typeof agentHeartbeatSchema>;

/**
 * One call of a tool as it goes to the station: the table of the assistant's tools. The names are part of what the model
 * is told and of what an agent elsewhere calls.
 */
export const stationCallSchema = z.discriminatedUnion('tool', [
  z.object({ tool: z.literal('check_time_balance'), arguments: z.object({}) }),
  z.object({ tool: z.literal('get_pricing_packages'), arguments: z.object({}) }),
  z.object({ tool: z.literal('estimate_session_cost'), arguments: z.object({}) }),
  z.object({
    tool: z.literal('start_purchase_process'),
    arguments: z.object({ package_id: z.string().max(40) }),
  }),
  z.object({ tool: z.literal('get_session_summary'), arguments: z.object({}) }),
]);
export type StationCall = z.infer<typeof stationCallSchema>;
export type ToolName = StationCall['tool'];
export const TOOL_NAMES: readonly ToolName[] = stationCallSchema.options.map(({ shape }) => shape.tool.value);

/**
 * The station's answer. `spoken` is a plain English sentence that says it (durations by src-shared/duration.ts), so
 * that voice and screen never disagree; `data` has the figures for a model that words it itself.
 */
export const toolResultSchema = z.object({
  ok: z.boolean(),
  spoken: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type ToolResult = z.infer<typeof toolResultSchema>;
