import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ChildEvent,
  type ChildState,
  DEFAULT_LIMITS,
  INITIAL_CHILD_STATE,
  stepChild,
} from './child-machine.ts';

/** Plays events one second apart; gives the last state and all effects. */
function play(events: ChildEvent[], from: ChildState = INITIAL_CHILD_STATE) {
  let state = from;
  const effects = [];
  let nowMs = 1_000;
  for (const event of events) {
    const step = stepChild(state, event, nowMs);
    state = step.state;
    effects.push(...step.effects);
    nowMs += 1_000;
  }
  return { state, effects };
}

const crash: ChildEvent = { type: 'exited', code: null, signal: 'SIGKILL' };
const healthy: ChildEvent = { type: 'beat', answer: 'ok' };
const silent: ChildEvent = { type: 'beat', answer: 'none' };

describe('a supervised child', () => {
  it('is ready only after its first healthy beat', () => {
    expect(play([{ type: 'start' }]).state.phase).toBe('starting');
    expect(play([{ type: 'start' }, silent]).state.phase).toBe('starting');
    expect(play([{ type: 'start' }, healthy]).state.phase).toBe('ready');
  });

  it('is started again after a crash, and not after a stop', () => {
    const crashed = play([{ type: 'start' }, healthy, crash, { type: 'timer' }]);
    expect(crashed.state.phase).toBe('starting');
    expect(crashed.effects.filter((effect) => effect.type === 'spawn')).toHaveLength(2);
    const stopped = play([
      { type: 'start' },
      healthy,
      { type: 'stop' },
      { type: 'exited', code: 0, signal: null },
    ]);
    expect(stopped.state.phase).toBe('stopped');
    expect(stopped.effects.filter((effect) => effect.type === 'spawn')).toHaveLength(1);
  });

  it('is started again at once when that is asked for, which counts as no crash', () => {
    const asked: ChildEvent = { type: 'restart' };
    const ended: ChildEvent = { type: 'exited', code: 0, signal: null };
    const often = Array.from({ length: 8 }, () => [healthy, asked, ended]).flat();
    const { state, effects } = play([{ type: 'start' }, ...often]);
    expect(state).toMatchObject({ phase: 'starting', restartsAtMs: [] });
    expect(effects.filter((effect) => effect.type === 'spawn')).toHaveLength(9);
    expect(effects.filter((effect) => effect.type === 'tell' && effect.level !== 'info')).toEqual([]);
  });

  it('that was given up or waits for its next try starts when that is asked for, with a clean sheet', () => {
    const crashes = Array.from({ length: 6 }, () => [crash, { type: 'timer' } as const]).flat();
    const givenUp = play([{ type: 'start' }, ...crashes.slice(0, -1)]).state;
    expect(givenUp.phase).toBe('givenUp');
    expect(play([{ type: 'restart' }], givenUp)).toMatchObject({
      state: { phase: 'starting', restartsAtMs: [] },
      effects: [{ type: 'spawn' }, { type: 'wake' }],
    });
  });

  it('that does not end when it is to restart is killed, and one that is to stop does not come back', () => {
    const asked = play([{ type: 'start' }, healthy, { type: 'restart' }]).state;
    expect(play([{ type: 'timer' }], asked).effects).toEqual([{ type: 'signal', signal: 'SIGKILL' }]);
    expect(play([crash], asked).state.phase).toBe('starting');
    expect(play([{ type: 'stop' }, crash], asked).state.phase).toBe('stopped');
    expect(play([{ type: 'restart' }, { type: 'stop' }]).state.phase).toBe('stopped');
  });

  it('is killed after three missed beats, and a single answer forgives the missed ones', () => {
    const hung = play([{ type: 'start' }, healthy, silent, silent, silent]);
    expect(hung.state.phase).toBe('unresponsive');
    expect(hung.effects).toContainEqual({ type: 'signal', signal: 'SIGKILL' });
    expect(play([{ type: 'start' }, healthy, silent, silent, healthy, silent, silent]).state.phase).toBe(
      'ready',
    );
  });

  it('is given up after exactly five restarts and then tried once a minute', () => {
    let state = play([{ type: 'start' }]).state;
    for (let restart = 1; restart <= DEFAULT_LIMITS.restartsBeforeGivingUp; restart += 1) {
      state = stepChild(state, crash, restart * 1_000).state;
      expect(state.phase).toBe('backingOff');
      state = stepChild(state, { type: 'timer' }, restart * 1_000 + 500).state;
    }
    const last = stepChild(state, crash, 9_000);
    expect(last.state.phase).toBe('givenUp');
    expect(last.effects).toContainEqual({ type: 'wake', afterMs: 60_000 });
    expect(stepChild(last.state, { type: 'timer' }, 69_000).state.phase).toBe('starting');
  });

  it('forgets restarts older than the window', () => {
    const old: ChildState = { ...INITIAL_CHILD_STATE, phase: 'ready', restartsAtMs: [0, 1, 2, 3, 4] };
    expect(stepChild(old, crash, 700_000).state).toMatchObject({
      phase: 'backingOff',
      restartsAtMs: [700_000],
    });
  });

  it('is killed when it does not start or stop in time', () => {
    expect(play([{ type: 'start' }, { type: 'timer' }]).effects).toContainEqual({
      type: 'signal',
      signal: 'SIGKILL',
    });
    const stopping = play([{ type: 'start' }, healthy, { type: 'stop' }, { type: 'timer' }]);
    expect(stopping.effects).toContainEqual({ type: 'signal', signal: 'SIGKILL' });
  });

  it('never spawns while a process may be alive, whatever comes', () => {
    const anyEvent = fc.constantFrom<ChildEvent>(
      { type: 'start' },
      healthy,
      silent,
      crash,
      { type: 'timer' },
      { type: 'restart' },
      { type: 'stop' },
    );
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
        let state = INITIAL_CHILD_STATE;
        let alive = false;
        for (const [index, event] of events.entries()) {
          if (event.type === 'exited' && !alive) continue;
          if (event.type === 'exited') alive = false;
          const step = stepChild(state, event, index * 1_000);
          state = step.state;
          for (const effect of step.effects) {
            if (effect.type !== 'spawn') continue;
            expect(alive).toBe(false);
            alive = true;
          }
        }
      }),
    );
  });
});
