/**
 * The meter: a pure function from what happened and the monotonic clock to what is to be charged. Promises: never
 * more than the time that passed, never a moment in which an end was not heard of, never a fraction rounded up. A due
 * second is counted only by `recorded`, which the caller uses after the second is durable.
 */
import {
  AGENT_LOST_MS,
  FUNDS_WAIT_MS,
  GAP_MS,
  PAGE_LOST_MS,
  PAUSE_LIMIT_MS,
  PAYMENT_WAIT_MS,
  PROVIDER_FAILING_LIMIT_MS,
  SILENCE_ANSWER_SECONDS,
  SOUNDLESS_MS,
} from '../../src-shared/limits.ts';
import type { EndReason, TalkHeartbeat } from '../../src-shared/visit.ts';
import {
  agentStanding,
  endsStanding,
  isAtZero,
  type Meter,
  pageStanding,
  silenceDueMs,
  standing,
} from './meter-rules.ts';

export type MeterInput =
  | { type: 'tick' }
  | { type: 'beat'; beat: TalkHeartbeat }
  | { type: 'pause' }
  /** The customer wants to go on: ends a pause and a silence. */
  | { type: 'resume' }
  | { type: 'funds'; reservedSeconds: number; validUntilMs: number }
  | { type: 'fundsAsked'; asked: boolean }
  | { type: 'paymentPending'; pending: boolean }
  /** The next second can't be recorded. */
  | { type: 'storageFailed' };

/** A voice this soon after the assistant was speaking may be the assistant's own. */
const OWN_VOICE_MS = 1_500;

/** The same last sound, reckoned from two heartbeats, moves by their time on the way; what moves further is a new one. */
const SAME_SOUND_MS = 200;

/** An assistant that spoke for so long by its heartbeats and was not heard is silent; sound takes 0.3 s to the page. */
const SILENT_ANSWER_MS = 600;

/** The meter of a talk that begins now, with seconds reserved for it. */
export function newMeter(nowMs: number, reservedSeconds: number, validUntilMs: number): Meter {
  return {
    nowMs,
    accruedMs: 0,
    chargedSeconds: 0,
    reservedSeconds,
    validUntilMs,
    fundsAsked: false,
    paymentPending: false,
    paymentDoneAtMs: Number.NEGATIVE_INFINITY,
    zeroSinceMs: null,
    pausedSinceMs: null,
    beat: null,
    hadBeat: false,
    leg: 0,
    legSinceMs: nowMs,
    legConnected: false,
    legHeardAgent: false,
    legReadySinceMs: null,
    thinkingSinceMs: null,
    speakingSinceMs: null,
    agentSoundAtMs: Number.NEGATIVE_INFINITY,
    soundDueMs: null,
    quietSinceMs: nowMs,
    voiceAtMs: Number.NEGATIVE_INFINITY,
    agentSpeakingAtMs: Number.NEGATIVE_INFINITY,
    silentSinceMs: null,
    pageOkAtMs: nowMs,
    agentOkAtMs: nowMs,
    providerOkAtMs: nowMs,
    mustEnd: null,
  };
}

/** Takes in one thing that happened at `nowMs` (never earlier than the meter's own time). */
export function stepMeter(meter: Meter, input: MeterInput, nowMs: number): Meter {
  const moved = moveTo(meter, Math.max(nowMs, meter.nowMs));
  return meter.mustEnd ? moved : judge(takeIn(moved, input));
}

/** Whole seconds that passed, are paid for, and are not recorded yet. */
export function dueSeconds(meter: Meter): number {
  if (meter.mustEnd) return 0;
  return Math.min(Math.floor(meter.accruedMs / 1000), meter.reservedSeconds - meter.chargedSeconds);
}

/** One due second is durable now. */
export function recorded(meter: Meter): Meter {
  return judge({
    ...meter,
    accruedMs: meter.accruedMs - 1000,
    chargedSeconds: meter.chargedSeconds + 1,
  });
}

/** Lets time pass under what was known until now. */
function moveTo(meter: Meter, nowMs: number): Meter {
  const passedMs = nowMs - meter.nowMs;
  if (passedMs > GAP_MS) return skipGap(meter, nowMs, passedMs);
  const { state, untilMs } = standing(meter);
  const chargedMs = state === 'charging' ? Math.max(0, Math.min(nowMs, untilMs) - meter.nowMs) : 0;
  return { ...meter, nowMs, accruedMs: meter.accruedMs + chargedMs };
}

/** Nobody looked for a while: nothing is known about it, so nothing is charged and no deadline moved nearer. */
function skipGap(meter: Meter, nowMs: number, passedMs: number): Meter {
  const later = (ms: number | null) => (ms === null ? null : ms + passedMs);
  return {
    ...meter,
    nowMs,
    beat: null,
    thinkingSinceMs: null,
    speakingSinceMs: null,
    soundDueMs: later(meter.soundDueMs),
    legSinceMs: meter.legSinceMs + passedMs,
    zeroSinceMs: later(meter.zeroSinceMs),
    pausedSinceMs: later(meter.pausedSinceMs),
    silentSinceMs: later(meter.silentSinceMs),
    quietSinceMs: nowMs,
    pageOkAtMs: meter.pageOkAtMs + passedMs,
    agentOkAtMs: meter.agentOkAtMs + passedMs,
    providerOkAtMs: meter.providerOkAtMs + passedMs,
  };
}

function takeIn(meter: Meter, input: MeterInput): Meter {
  const { nowMs } = meter;
  switch (input.type) {
    case 'tick':
      return meter;
    case 'beat':
      return takeBeat(meter, input.beat);
    case 'pause':
      return { ...meter, pausedSinceMs: meter.pausedSinceMs ?? nowMs, silentSinceMs: null };
    case 'resume':
      return { ...meter, pausedSinceMs: null, silentSinceMs: null, quietSinceMs: nowMs };
    case 'funds':
      return { ...meter, reservedSeconds: input.reservedSeconds, validUntilMs: input.validUntilMs };
    case 'fundsAsked':
      return { ...meter, fundsAsked: input.asked };
    case 'paymentPending':
      return {
        ...meter,
        paymentPending: input.pending,
        paymentDoneAtMs: meter.paymentPending && !input.pending ? nowMs : meter.paymentDoneAtMs,
      };
    case 'storageFailed':
      return end(meter, 'storage_full');
  }
}

function takeBeat(before: Meter, beat: TalkHeartbeat): Meter {
  if (beat.leg < before.leg) return before;
  const meter = beat.leg > before.leg ? newLeg(before, beat.leg) : before;
  const { nowMs } = meter;
  const thinks = beat.agentState === 'thinking';
  const spoken = beat.lastVoiceAgeMs === null ? meter.voiceAtMs : nowMs - beat.lastVoiceAgeMs;
  const agentSpeakingAtMs = beat.agentState === 'speaking' ? nowMs : meter.agentSpeakingAtMs;
  const next: Meter = {
    ...meter,
    beat: { value: beat, atMs: nowMs },
    hadBeat: true,
    legConnected: meter.legConnected || beat.connection === 'connected',
    legHeardAgent: meter.legHeardAgent || beat.hearsAgent,
    thinkingSinceMs: thinks ? (meter.thinkingSinceMs ?? nowMs) : null,
    ...soundOf(meter, beat),
    voiceAtMs: Math.max(meter.voiceAtMs, spoken),
    agentSpeakingAtMs,
  };
  return isAnswered(next) ? { ...next, silentSinceMs: null, quietSinceMs: nowMs } : next;
}

/** What a heartbeat says of the assistant's sound. */
function soundOf(
  meter: Meter,
  { agentState, agentSoundAgeMs }: TalkHeartbeat,
): Pick<Meter, 'speakingSinceMs' | 'agentSoundAtMs' | 'soundDueMs'> {
  const { nowMs } = meter;
  const measuredAtMs = agentSoundAgeMs === null ? Number.NEGATIVE_INFINITY : nowMs - agentSoundAgeMs;
  const agentSoundAtMs = Math.max(meter.agentSoundAtMs, measuredAtMs);
  const isLate = meter.soundDueMs !== null && nowMs > meter.soundDueMs;
  const isHeard = agentSoundAtMs > meter.agentSoundAtMs + SAME_SOUND_MS;
  if (agentState !== 'speaking') {
    const late = isLate && !isHeard ? meter.soundDueMs : null;
    // A short answer of which nothing was heard is over before it is late.
    const soundDueMs = late ?? (wasSilent(meter, agentSoundAtMs) ? nowMs : null);
    return { speakingSinceMs: null, agentSoundAtMs, soundDueMs };
  }
  const speakingSinceMs = meter.speakingSinceMs ?? nowMs;
  const dueMs = Math.max(speakingSinceMs, agentSoundAtMs) + SOUNDLESS_MS;
  // A new beginning does not excuse what is late.
  const soundDueMs = isLate && !isHeard ? meter.soundDueMs : dueMs;
  return { speakingSinceMs, agentSoundAtMs, soundDueMs };
}

/** The assistant said in two heartbeats or more that it speaks, and nothing of it was heard meanwhile. */
function wasSilent({ speakingSinceMs, agentSpeakingAtMs }: Meter, agentSoundAtMs: number): boolean {
  if (speakingSinceMs === null || agentSoundAtMs >= speakingSinceMs) return false;
  return agentSpeakingAtMs - speakingSinceMs >= SILENT_ANSWER_MS;
}

function newLeg(meter: Meter, leg: number): Meter {
  return {
    ...meter,
    leg,
    legSinceMs: meter.nowMs,
    legConnected: false,
    legHeardAgent: false,
    legReadySinceMs: null,
    thinkingSinceMs: null,
    speakingSinceMs: null,
    agentSoundAtMs: Number.NEGATIVE_INFINITY,
    soundDueMs: null,
  };
}

/** The customer spoke after the clock was stopped. The assistant's own question is a voice too, and no answer. */
function isAnswered(meter: Meter): boolean {
  if (meter.silentSinceMs === null) return false;
  return meter.voiceAtMs > Math.max(meter.silentSinceMs, meter.agentSpeakingAtMs + OWN_VOICE_MS);
}

/** Draws the consequences of the present moment. */
function judge(meter: Meter): Meter {
  if (meter.mustEnd) return meter;
  const seen = lookAtSilence(lookAtLinks(meter));
  const zeroSinceMs = isAtZero(seen) ? (seen.zeroSinceMs ?? seen.nowMs) : null;
  const judged = { ...seen, zeroSinceMs };
  const reason = endReason(judged);
  return reason ? end(judged, reason) : judged;
}

function lookAtLinks(meter: Meter): Meter {
  const { nowMs, beat } = meter;
  const pageOk = beat !== null && pageStanding(meter).state === 'charging';
  if (!pageOk) return { ...meter, agentOkAtMs: nowMs, providerOkAtMs: nowMs };
  const agent = agentStanding(meter, beat).state;
  const ready = endsStanding(meter).state === 'charging';
  return {
    ...meter,
    pageOkAtMs: nowMs,
    agentOkAtMs: agent === 'charging' || agent === 'provider_failing' ? nowMs : meter.agentOkAtMs,
    providerOkAtMs: agent === 'provider_failing' ? meter.providerOkAtMs : nowMs,
    legReadySinceMs: meter.legReadySinceMs ?? (ready ? nowMs : null),
  };
}

/** Silence counts only while talking is possible; a wait for the assistant's sound is silence too. */
function lookAtSilence(meter: Meter): Meter {
  if (meter.silentSinceMs !== null) return meter;
  const canTalk =
    meter.pausedSinceMs === null && !isAtZero(meter) && endsStanding(meter).state === 'charging';
  if (!canTalk) return { ...meter, quietSinceMs: meter.nowMs };
  return meter.nowMs >= silenceDueMs(meter) ? { ...meter, silentSinceMs: meter.nowMs } : meter;
}

function endReason(meter: Meter): EndReason | null {
  const since = (ms: number | null) => (ms === null ? 0 : meter.nowMs - ms);
  if (meter.zeroSinceMs !== null && !mayWaitAtZero(meter, meter.zeroSinceMs)) return 'time_up';
  if (since(meter.silentSinceMs) >= SILENCE_ANSWER_SECONDS * 1000) return 'silence';
  if (since(meter.pausedSinceMs) >= PAUSE_LIMIT_MS) return 'silence';
  if (since(meter.pageOkAtMs) >= PAGE_LOST_MS) return 'voice_lost';
  if (since(meter.agentOkAtMs) >= AGENT_LOST_MS) return 'agent_lost';
  if (since(meter.providerOkAtMs) >= PROVIDER_FAILING_LIMIT_MS) return 'agent_lost';
  return null;
}

function mayWaitAtZero(meter: Meter, zeroSinceMs: number): boolean {
  const { nowMs } = meter;
  if (meter.paymentPending && nowMs - zeroSinceMs < PAYMENT_WAIT_MS) return true;
  const latestMs = Math.min(
    Math.max(zeroSinceMs, meter.paymentDoneAtMs) + FUNDS_WAIT_MS,
    zeroSinceMs + PAYMENT_WAIT_MS + FUNDS_WAIT_MS,
  );
  return meter.fundsAsked && nowMs < latestMs;
}

function end(meter: Meter, reason: EndReason): Meter {
  return { ...meter, mustEnd: reason, silentSinceMs: null, accruedMs: 0 };
}
