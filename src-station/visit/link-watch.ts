/**
 * Is the conversation's link alive? A pure judgement of the page's heartbeats. LiveKit never gives a dead worker's job
 * to another one, so the station must notice and make a new leg.
 */
import type { TalkHeartbeat } from '../../src-shared/visit.ts';

/** An agent that has beaten and then not for this long is lost. */
export const AGENT_LOST_AFTER_MS = 8_000;
/** A leg in which page and agent never met for this long is lost. */
export const NEVER_MET_AFTER_MS = 20_000;
const FRESH_AGENT_MS = 3_000;

export interface LinkMemory {
  leg: number;
  /** Monotonic time of the leg's first heartbeat. */
  sinceMs: number;
  /** The page has been connected on this leg. */
  wasConnected: boolean;
}

/**
 * `lost`: a new leg is needed. `reloaded`: the page came back to a room it had joined before; it needs a new one, for
 * rejoining loses the transcripts.
 */
export type LinkVerdict = 'healthy' | 'waiting' | 'lost' | 'reloaded';

/** Judges one heartbeat; `nowMs` is monotonic. Returns the memory for the next one. */
export function judgeLink(
  memory: LinkMemory | null,
  beat: TalkHeartbeat,
  nowMs: number,
): { memory: LinkMemory; verdict: LinkVerdict } {
  const known = memory?.leg === beat.leg ? memory : { leg: beat.leg, sinceMs: nowMs, wasConnected: false };
  const next = { ...known, wasConnected: known.wasConnected || beat.connection === 'connected' };
  return { memory: next, verdict: verdictOf(known, beat, nowMs) };
}

function verdictOf(memory: LinkMemory, beat: TalkHeartbeat, nowMs: number): LinkVerdict {
  if (memory.wasConnected && beat.connection === 'connecting') return 'reloaded';
  if (beat.agentAgeMs === null) return nowMs - memory.sinceMs > NEVER_MET_AFTER_MS ? 'lost' : 'waiting';
  if (beat.agentAgeMs > AGENT_LOST_AFTER_MS) return 'lost';
  return beat.connection === 'connected' && beat.agentAgeMs <= FRESH_AGENT_MS ? 'healthy' : 'waiting';
}
