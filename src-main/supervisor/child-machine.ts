/**
 * The life of one supervised child as a pure state machine: events and monotonic time in, next state and effects out.
 * Promises: a crash is told apart from an exit we asked for; restarts back off; after 5 restarts within 10 minutes the
 * child is given up loudly and tried again only once a minute; a hung child is killed and restarted; a restart that was
 * asked for is no crash, and the next program begins with a clean sheet.
 */
import { type Backoff, backoffMs } from '../../src-shared/retry.ts';

export type ChildPhase =
  | 'stopped'
  | 'starting'
  | 'ready'
  | 'unresponsive'
  | 'backingOff'
  | 'givenUp'
  | 'restarting'
  | 'stopping';

export interface ChildState {
  phase: ChildPhase;
  /** Monotonic times of restarts inside the window, oldest first. */
  restartsAtMs: readonly number[];
  /** When this phase began. */
  sinceMs: number;
  missedBeats: number;
  /** What the last exit looked like, for people. */
  lastExit: string | null;
}

export type ChildEvent =
  | { type: 'start' }
  | { type: 'beat'; answer: 'ok' | 'none' }
  | { type: 'exited'; code: number | null; signal: string | null }
  | { type: 'timer' }
  | { type: 'restart' }
  | { type: 'stop' };

export type ChildEffect =
  | { type: 'spawn' }
  | { type: 'signal'; signal: 'SIGTERM' | 'SIGKILL' }
  /** Ask for a `timer` event in so many milliseconds; replaces the timer before it. */
  | { type: 'wake'; afterMs: number }
  | { type: 'tell'; level: 'info' | 'warn' | 'error'; message: string };

export interface SupervisionLimits {
  restartsBeforeGivingUp: number;
  restartWindowMs: number;
  startTimeoutMs: number;
  missedBeatsAllowed: number;
  stopTimeoutMs: number;
  slowRetryMs: number;
}

export const DEFAULT_LIMITS: SupervisionLimits = {
  restartsBeforeGivingUp: 5,
  restartWindowMs: 600_000,
  startTimeoutMs: 60_000,
  missedBeatsAllowed: 3,
  stopTimeoutMs: 5_000,
  slowRetryMs: 60_000,
};

export const INITIAL_CHILD_STATE: ChildState = {
  phase: 'stopped',
  restartsAtMs: [],
  sinceMs: 0,
  missedBeats: 0,
  lastExit: null,
};

/** `restartsBeforeGivingUp` ends it long before the longest. */
const RESTART: Backoff = { firstMs: 200, longestMs: 60_000 };

/** One step of the machine. An event that means nothing in the present phase changes nothing. */
export function stepChild(
  state: ChildState,
  event: ChildEvent,
  nowMs: number,
  limits: SupervisionLimits = DEFAULT_LIMITS,
): { state: ChildState; effects: ChildEffect[] } {
  switch (event.type) {
    case 'start':
      return state.phase === 'stopped' ? launch(state, nowMs, limits) : same(state);
    case 'beat':
      return onBeat(state, event.answer, nowMs, limits);
    case 'exited':
      return onExit(state, event, nowMs, limits);
    case 'timer':
      return onTimer(state, nowMs, limits);
    case 'restart':
      return onRestart(state, nowMs, limits);
    case 'stop':
      return onStop(state, nowMs, limits);
  }
}

function same(state: ChildState): { state: ChildState; effects: ChildEffect[] } {
  return { state, effects: [] };
}

function launch(state: ChildState, nowMs: number, limits: SupervisionLimits) {
  return {
    state: { ...state, phase: 'starting' as const, sinceMs: nowMs, missedBeats: 0 },
    effects: [{ type: 'spawn' }, { type: 'wake', afterMs: limits.startTimeoutMs }] satisfies ChildEffect[],
  };
}

function onBeat(state: ChildState, answer: 'ok' | 'none', nowMs: number, limits: SupervisionLimits) {
  if (state.phase === 'starting') {
    if (answer === 'none') return same(state);
    return {
      state: { ...state, phase: 'ready' as const, sinceMs: nowMs, missedBeats: 0 },
      effects: [{ type: 'tell', level: 'info', message: 'ready' }] satisfies ChildEffect[],
    };
  }
  if (state.phase !== 'ready') return same(state);
  if (answer === 'ok') return same({ ...state, missedBeats: 0 });
  const missedBeats = state.missedBeats + 1;
  if (missedBeats < limits.missedBeatsAllowed) return same({ ...state, missedBeats });
  return hung({ ...state, missedBeats }, nowMs, 'does not answer');
}

/** SIGKILL, not SIGTERM: a process that does not answer its health check would not run its handler either. */
function hung(state: ChildState, nowMs: number, why: string) {
  return {
    state: { ...state, phase: 'unresponsive' as const, sinceMs: nowMs },
    effects: [
      { type: 'tell', level: 'error', message: `${why}; killing it` },
      { type: 'signal', signal: 'SIGKILL' },
    ] satisfies ChildEffect[],
  };
}

function onExit(
  state: ChildState,
  exit: { code: number | null; signal: string | null },
  nowMs: number,
  limits: SupervisionLimits,
): { state: ChildState; effects: ChildEffect[] } {
  const lastExit = exit.signal ? `killed by ${exit.signal}` : `exit code ${exit.code}`;
  if (state.phase === 'stopping' || state.phase === 'stopped') {
    return same({ ...state, phase: 'stopped', sinceMs: nowMs, lastExit });
  }
  if (state.phase === 'restarting') return launch({ ...state, lastExit }, nowMs, limits);
  if (state.phase === 'backingOff' || state.phase === 'givenUp') return same(state);
  const restartsAtMs = [...state.restartsAtMs.filter((at) => nowMs - at < limits.restartWindowMs), nowMs];
  const next = { ...state, restartsAtMs, sinceMs: nowMs, lastExit };
  if (restartsAtMs.length > limits.restartsBeforeGivingUp) {
    const message = `ended (${lastExit}) ${restartsAtMs.length} times; given up, next try in ${limits.slowRetryMs / 1000} s`;
    return {
      state: { ...next, phase: 'givenUp' },
      effects: [
        { type: 'tell', level: 'error', message },
        { type: 'wake', afterMs: limits.slowRetryMs },
      ],
    };
  }
  const afterMs = backoffMs(RESTART, restartsAtMs.length);
  return {
    state: { ...next, phase: 'backingOff' },
    effects: [
      { type: 'tell', level: 'warn', message: `ended (${lastExit}); starting again in ${afterMs} ms` },
      { type: 'wake', afterMs },
    ],
  };
}

function onTimer(state: ChildState, nowMs: number, limits: SupervisionLimits) {
  switch (state.phase) {
    case 'starting':
      return hung(state, nowMs, `not ready after ${limits.startTimeoutMs / 1000} s`);
    case 'backingOff':
    case 'givenUp':
      return launch(state, nowMs, limits);
    case 'restarting':
    case 'stopping':
      return {
        state,
        effects: [{ type: 'signal', signal: 'SIGKILL' }] satisfies ChildEffect[],
      };
    default:
      return same(state);
  }
}

function onRestart(
  state: ChildState,
  nowMs: number,
  limits: SupervisionLimits,
): { state: ChildState; effects: ChildEffect[] } {
  const fresh = { ...state, restartsAtMs: [], sinceMs: nowMs };
  switch (state.phase) {
    case 'backingOff':
    case 'givenUp':
      return launch(fresh, nowMs, limits);
    case 'starting':
    case 'ready':
    case 'unresponsive':
      return {
        state: { ...fresh, phase: 'restarting' },
        effects: [
          { type: 'signal', signal: 'SIGTERM' },
          { type: 'wake', afterMs: limits.stopTimeoutMs },
        ],
      };
    default:
      return same(state);
  }
}

function onStop(
  state: ChildState,
  nowMs: number,
  limits: SupervisionLimits,
): { state: ChildState; effects: ChildEffect[] } {
  if (state.phase === 'stopped' || state.phase === 'stopping') return same(state);
  const waiting = state.phase === 'backingOff' || state.phase === 'givenUp';
  if (waiting) return same({ ...state, phase: 'stopped', sinceMs: nowMs });
  return {
    state: { ...state, phase: 'stopping', sinceMs: nowMs },
    effects: [
      { type: 'signal', signal: 'SIGTERM' },
      { type: 'wake', afterMs: limits.stopTimeoutMs },
    ],
  };
}
