import { describe, expect, it } from 'vitest';
import { backoffMs, retried } from './retry.ts';

describe('wait before the next try', () => {
  it('doubles from the first to the longest', () => {
    const rule = { firstMs: 250, longestMs: 3_000 };
    const waits = [1, 2, 3, 4, 5, 50, 5_000].map((failures) => backoffMs(rule, failures));
    expect(waits).toEqual([250, 500, 1_000, 2_000, 3_000, 3_000, 3_000]);
  });

  it('grows by its own factor, or not at all', () => {
    expect(backoffMs({ firstMs: 100, longestMs: 1_000, factor: 3 }, 3)).toBe(900);
    expect(backoffMs({ firstMs: 100, longestMs: 100 }, 7)).toBe(100);
    expect(backoffMs({ firstMs: 100, longestMs: 1_000, factor: 1 }, 7)).toBe(100);
  });

  it('leaves its share to chance', () => {
    const rule = { firstMs: 2_000, longestMs: 60_000, jitter: 0.5 };
    expect(backoffMs(rule, 1, 0)).toBe(1_000);
    expect(backoffMs(rule, 1, 0.5)).toBe(1_500);
    expect(backoffMs(rule, 1, 1)).toBe(2_000);
    expect(backoffMs(rule, 50, 0)).toBe(30_000);
  });
});

describe('trying again', () => {
  function setUp(failures: number) {
    const waits: number[] = [];
    let tries = 0;
    const attempt = async () => {
      tries += 1;
      if (tries <= failures) throw new Error(`try ${tries}`);
      return tries;
    };
    const rule = {
      backoff: { firstMs: 10, longestMs: 1_000 },
      again: (failed: number) => failed < 3,
      wait: async (durationMs: number) => void waits.push(durationMs),
    };
    return { attempt, rule, waits };
  }

  it('ends with the first success', async () => {
    const { attempt, rule, waits } = setUp(2);
    expect(await retried(attempt, rule)).toBe(3);
    expect(waits).toEqual([10, 20]);
  });

  it('throws the last failure when it is not worth another try', async () => {
    const { attempt, rule, waits } = setUp(5);
    await expect(retried(attempt, rule)).rejects.toThrow('try 3');
    expect(waits).toEqual([10, 20]);
  });
});
