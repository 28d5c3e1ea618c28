import { describe, expect, test } from 'vitest';
import { Recovery } from './recovery.ts';

/** A recovery with a clock of its own: waiting takes no time but moves it. */
function bench(answers: { ready?: boolean[]; heard?: boolean[] } = {}) {
  const waits: number[] = [];
  let nowMs = 0;
  let spoken = 0;
  const states: boolean[] = [];
  let recovered: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    recovered = resolve;
  });
  const recovery: Recovery = new Recovery({
    ready: async () => answers.ready?.shift() ?? true,
    speak: async () => {
      spoken += 1;
      states.push(recovery.failing);
      const heard = answers.heard?.shift() ?? true;
      if (heard) queueMicrotask(() => queueMicrotask(recovered));
      return heard;
    },
    wait: async (durationMs) => {
      waits.push(durationMs);
      nowMs += durationMs;
    },
    nowMs: () => nowMs,
  });
  return {
    recovery,
    waits,
    states,
    over,
    spoken: () => spoken,
    later: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe('recovery', () => {
  test('fails from the failure until the assistant was heard, which it says once', async () => {
    const { recovery, waits, states, over, spoken } = bench();
    expect(recovery.failing).toBe(false);
    recovery.failed();
    recovery.failed();
    expect(recovery.failing).toBe(true);
    await over;
    expect(states).toEqual([true]);
    expect(recovery.failing).toBe(false);
    expect(spoken()).toBe(1);
    expect(waits).toEqual([500]);
  });

  test('waits for providers that do not answer without saying anything', async () => {
    const { recovery, waits, over, spoken } = bench({ ready: [false, false, true] });
    recovery.failed();
    await over;
    expect(waits).toEqual([500, 1_000, 1_000]);
    expect(spoken()).toBe(1);
  });

  test('gives providers that answer but fail longer and longer, up to a limit', async () => {
    const { recovery, waits, over } = bench({ heard: [false, false, false, false, false, false, true] });
    recovery.failed();
    await over;
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  test('a failure long after the last one is a first one again', async () => {
    const world = bench({ heard: [false, true] });
    world.recovery.failed();
    await world.over;
    world.later(61_000);
    world.recovery.failed();
    expect(world.waits).toEqual([500, 1_000, 500]);
  });

  test('is silent once the talk is over', async () => {
    const { recovery, spoken } = bench();
    recovery.failed();
    recovery.close();
    await new Promise((resolve) => setImmediate(resolve));
    recovery.failed();
    expect(spoken()).toBe(0);
  });
});
