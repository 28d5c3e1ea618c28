/**
 * What the page tells the station once a second, built from what it last heard. Pure, on a steady clock in milliseconds.
 */
import type { AgentHeartbeat } from '../../../src-shared/agent-link.ts';
import type { TalkHeartbeat } from '../../../src-shared/visit.ts';

export interface TalkSigns {
  talkId: string;
  leg: number;
  connection: TalkHeartbeat['connection'];
  agentBeat: (Pick<AgentHeartbeat, 'state' | 'hears'> & { atMs: number }) | null;
  agentSoundAtMs: number | null;
  lastVoiceAtMs: number | null;
  hearsAgent: boolean;
  canSpeak: boolean;
  microphoneLost: boolean;
  speakerLost: boolean;
  /** Nothing is to be heard of the customer: they write. */
  writes: boolean;
}

export function buildHeartbeat(signs: TalkSigns, nowMs: number): TalkHeartbeat {
  return {
    talkId: signs.talkId,
    leg: signs.leg,
    connection: signs.connection,
    agentAgeMs: ageOf(signs.agentBeat?.atMs ?? null, nowMs),
    agentState: signs.agentBeat?.state ?? null,
    agentSoundAgeMs: ageOf(signs.agentSoundAtMs, nowMs),
    lastVoiceAgeMs: ageOf(signs.lastVoiceAtMs, nowMs),
    hearsAgent: signs.hearsAgent,
    canSpeak: signs.canSpeak,
    microphoneLost: signs.microphoneLost,
    speakerLost: signs.speakerLost,
    earsLost: signs.agentBeat?.hears === false && !signs.writes,
  };
}

function ageOf(atMs: number | null, nowMs: number): number | null {
  return atMs === null ? null : Math.max(0, Math.round(nowMs - atMs));
}
