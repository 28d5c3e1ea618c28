/** Which of the few pictures of the voice is true at this moment. Pure. */
import { LAST_MINUTE_SECONDS } from '../../../src-shared/limits.ts';
import type { MeterState } from '../../../src-shared/visit.ts';
import type { OrbState } from '../../components/Orb.tsx';
import type { TalkState } from './talk-engine.ts';

const STILL: ReadonlySet<MeterState> = new Set([
  'paused_by_customer',
  'paused_by_silence',
  'microphone_lost',
  'speaker_lost',
  'ears_lost',
  'waiting_for_payment',
  'ended',
]);
const AWAY: ReadonlySet<MeterState> = new Set(['agent_unreachable', 'page_unreachable', 'provider_failing']);

export function voicePicture(
  meter: MeterState,
  state: Pick<TalkState, 'connection' | 'agentState'>,
): OrbState {
  if (STILL.has(meter)) return 'paused';
  if (AWAY.has(meter) || state.connection !== 'connected') return 'connecting';
  const { agentState } = state;
  if (agentState === 'listening' || agentState === 'thinking' || agentState === 'speaking') return agentState;
  return 'connecting';
}

/** In the last minute the seconds are counted down, large and quiet. */
export function inLastMinute(remainingSeconds: number): boolean {
  return remainingSeconds <= LAST_MINUTE_SECONDS;
}
