/**
 * Whether both ends of a talk are there, and so whether its seconds may be charged and its leg can go on: rules over
 * what is known at one moment. Pure: no clock, no I/O. Nobody else judges heartbeats; every doubt is decided for the
 * customer.
 */
import {
  AGENT_SILENT_MS,
  ALIVE_MS,
  FIRST_AUDIO_MS,
  NEVER_MET_MS,
  SILENCE_MS,
  SOUNDLESS_LEG_MS,
} from '../../src-shared/limits.ts';
import type { EndReason, MeterState, TalkHeartbeat } from '../../src-shared/visit.ts';

/** All that the meter knows. Times are monotonic milliseconds. */
export interface Meter {
  /** Moment of the last look. */
  nowMs: number;
  /** Charged time that does not make a whole second yet. */
  accruedMs: number;
  /** Whole seconds charged, each one durably recorded before it was counted here. */
  chargedSeconds: number;
  /** Seconds reserved for this talk in all. */
  reservedSeconds: number;
  /** The reserved seconds may not be used after this. */
  validUntilMs: number;
  /** An answer about more seconds is awaited. */
  fundsAsked: boolean;
  paymentPending: boolean;
  /** When a payment last stopped being under way: its seconds may be a moment behind. */
  paymentDoneAtMs: number;
  /** Since when nothing is left, null while something is. */
  zeroSinceMs: number | null;
  pausedSinceMs: number | null;
  beat: { value: TalkHeartbeat; atMs: number } | null;
  /** A heartbeat has come in this talk. */
  hadBeat: boolean;
  /** Leg of the latest heartbeat; older ones are ignored. */
  leg: number;
  /** Moment of the leg's first heartbeat. */
  legSinceMs: number;
  /** The page has been connected to this leg's room. */
  legConnected: boolean;
  legHeardAgent: boolean;
  /** Since when only the first sound of this leg is missing. */
  legReadySinceMs: number | null;
  thinkingSinceMs: number | null;
  /** Since when the assistant says that it speaks. */
  speakingSinceMs: number | null;
  /** When its sound was last measured. */
  agentSoundAtMs: number;
  /** Its sound has to be measured by then; null while none is due. Once it is late it stays so until sound is measured. */
  soundDueMs: number | null;
  /** Silence counts from here, or from the last voice if that was later. */
  quietSinceMs: number;
  voiceAtMs: number;
  agentSpeakingAtMs: number;
  /** Stopped by silence since. */
  silentSinceMs: number | null;
  pageOkAtMs: number;
  agentOkAtMs: number;
  providerOkAtMs: number;
  /** Why the talk must end; nothing is charged from then on. */
  mustEnd: EndReason | null;
}

/** How the talk stands, and until when it stays so if nothing more is heard. */
export interface Standing {
  state: MeterState;
  untilMs: number;
}

const FOREVER = Number.POSITIVE_INFINITY;

/** Judges the meter at its own `nowMs`. */
export function standing(meter: Meter): Standing {
  if (meter.mustEnd) return lasting('ended');
  if (meter.pausedSinceMs !== null) return lasting('paused_by_customer');
  if (meter.silentSinceMs !== null) return lasting('paused_by_silence');
  const link = linkStanding(meter);
  if (link.state !== 'charging') return link;
  if (isAtZero(meter)) return lasting(meter.paymentPending ? 'waiting_for_payment' : 'connecting');
  return { state: 'charging', untilMs: Math.min(link.untilMs, meter.validUntilMs, silenceDueMs(meter)) };
}

/** Nothing is left that may be used. */
export function isAtZero(meter: Meter): boolean {
  return meter.chargedSeconds >= meter.reservedSeconds || meter.nowMs >= meter.validUntilMs;
}

/** When the silence will have lasted too long. */
export function silenceDueMs(meter: Meter): number {
  return Math.max(meter.quietSinceMs, meter.voiceAtMs) + SILENCE_MS;
}

/** Judges only the two ends and the sound between them: `charging` means that sound flows both ways, and in time. */
function linkStanding(meter: Meter): Standing {
  const ends = endsStanding(meter);
  if (ends.state !== 'charging' || !meter.beat) return ends;
  const sound = soundStanding(meter, meter.beat.value);
  return sound.state === 'charging' ? { ...ends, untilMs: Math.min(ends.untilMs, sound.untilMs) } : sound;
}

/** Judges the two ends: `charging` means that both are there and could hear each other. */
export function endsStanding(meter: Meter): Standing {
  const page = pageStanding(meter);
  if (page.state !== 'charging' || !meter.beat) return page;
  const agent = agentStanding(meter, meter.beat);
  if (agent.state !== 'charging') return agent;
  const { canSpeak, hearsAgent, microphoneLost, speakerLost, earsLost } = meter.beat.value;
  if (microphoneLost) return lasting('microphone_lost');
  if (speakerLost) return lasting('speaker_lost');
  if (earsLost) return lasting('ears_lost');
  if (!canSpeak || !(hearsAgent || meter.legHeardAgent)) return lasting('connecting');
  return { state: 'charging', untilMs: Math.min(page.untilMs, agent.untilMs) };
}

export function pageStanding(meter: Meter): Standing {
  if (!meter.beat) return lasting(meter.hadBeat ? 'page_unreachable' : 'connecting');
  const untilMs = meter.beat.atMs + ALIVE_MS;
  if (meter.nowMs > untilMs) return lasting('page_unreachable');
  if (meter.beat.value.connection !== 'connected') return lasting('connecting');
  return { state: 'charging', untilMs };
}

export function agentStanding(meter: Meter, beat: { value: TalkHeartbeat; atMs: number }): Standing {
  const { agentAgeMs, agentState } = beat.value;
  if (agentAgeMs === null) return lasting('connecting');
  const untilMs = agentAliveUntilMs(beat);
  if (meter.nowMs > untilMs) return lasting('agent_unreachable');
  if (agentState === null || agentState === 'initializing') return lasting('connecting');
  if (agentState === 'failing') return lasting('provider_failing');
  return { state: 'charging', untilMs };
}

/** Until when an agent that is heard of no more counts as there; never when it was not heard of at all. */
function agentAliveUntilMs({ value, atMs }: { value: TalkHeartbeat; atMs: number }): number {
  return value.agentAgeMs === null ? Number.NEGATIVE_INFINITY : atMs - value.agentAgeMs + ALIVE_MS;
}

/**
 * How the leg stands by its latest heartbeat. `met`: page and agent hear of each other. `lost`: another leg is needed.
 * `reloaded`: so it is, but through no fault of the leg: the page came back to a room it had joined before, and
 * rejoining one loses the transcripts.
 */
export type LegStanding = 'met' | 'waiting' | 'lost' | 'reloaded';

/** Judges the leg at the meter's own `nowMs`; right after a heartbeat, for an absent page tells nothing of the leg. */
export function legStanding(meter: Meter): LegStanding {
  const { beat, nowMs, mustEnd } = meter;
  if (!beat || mustEnd) return 'waiting';
  const { connection, agentAgeMs, hearsAgent } = beat.value;
  if (meter.legConnected && connection === 'connecting') return 'reloaded';
  if (agentAgeMs === null) return nowMs - meter.legSinceMs > NEVER_MET_MS ? 'lost' : 'waiting';
  if (agentAgeMs > AGENT_SILENT_MS) return 'lost';
  // Where the page may not play yet, it is not the leg that is silent.
  const isSoundless = meter.soundDueMs !== null && nowMs - meter.soundDueMs > SOUNDLESS_LEG_MS;
  if (isSoundless && hearsAgent) return 'lost';
  const pageIsThere = pageStanding(meter).state === 'charging';
  return pageIsThere && nowMs <= agentAliveUntilMs(beat) ? 'met' : 'waiting';
}

/** The assistant lets the customer wait too long for a sound: its fault, not charged. */
function soundStanding(meter: Meter, beat: TalkHeartbeat): Standing {
  const waitsForFirst = beat.lastVoiceAgeMs === null && meter.legReadySinceMs !== null;
  const firstDueMs = waitsForFirst ? (meter.legReadySinceMs ?? 0) + FIRST_AUDIO_MS : FOREVER;
  if (meter.nowMs > firstDueMs) return lasting('connecting');
  const answerDueMs = meter.thinkingSinceMs === null ? FOREVER : meter.thinkingSinceMs + FIRST_AUDIO_MS;
  const soundDueMs = meter.soundDueMs ?? FOREVER;
  if (meter.nowMs > Math.min(answerDueMs, soundDueMs)) return lasting('provider_failing');
  return { state: 'charging', untilMs: Math.min(firstDueMs, answerDueMs, soundDueMs) };
}

function lasting(state: MeterState): Standing {
  return { state, untilMs: FOREVER };
}
