import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startHousekeeping } from './housekeeping.ts';

const MINUTE_MS = 60_000;

const NOTHING_PRUNED = {
  usageHashes: 0,
  redeemAttempts: 0,
  enrolmentAttempts: 0,
  enrolmentCodes: 0,
  visitGrants: 0,
  memories: 0,
  webhookPayloads: 0,
};

describe('startHousekeeping', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function setUp() {
    const runs = { cleaned: 0, settled: 0 };
    const kept: (number | undefined)[] = [];
    let prunable = 0;
    let isDown = false;
    const log = { info: vi.fn(), warn: vi.fn() };
    const stop = startHousekeeping({
      upkeep: {
        cleanUpExpiredCards: async () => {
          if (isDown) throw new Error('no database');
          runs.cleaned += 1;
          return 2;
        },
        settleSilentLeases: async () => {
          runs.settled += 1;
          return 0;
        },
        pruneOldData: async (days) => {
          kept.push(days);
          const memories = Math.min(prunable, 5);
          prunable -= memories;
          return { ...NOTHING_PRUNED, memories, isMore: memories === 5 };
        },
      },
      webhookPayloadDays: 30,
      log: log as never,
    });
    return {
      runs,
      kept,
      log,
      stop,
      setDown: (down: boolean) => (isDown = down),
      setPrunable: (count: number) => (prunable = count),
    };
  }

  it('marks expired cards and settles silent leases at start and every hour', async () => {
    const { runs, log, stop } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    expect(runs).toEqual({ cleaned: 1, settled: 1 });
    expect(log.info).toHaveBeenCalledWith({ expiredCards: 2, settledLeases: 0 }, 'housekeeping done');
    await vi.advanceTimersByTimeAsync(59 * MINUTE_MS);
    expect(runs.cleaned).toBe(1);
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect(runs).toEqual({ cleaned: 2, settled: 2 });
    stop();
    await vi.advanceTimersByTimeAsync(24 * 60 * MINUTE_MS);
    expect(runs.cleaned).toBe(2);
  });

  it('throws away what is old call by call, and leaves what is too much to the next hour', async () => {
    const { kept, log, stop, setPrunable } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    expect(kept).toEqual([30]);
    setPrunable(12);
    await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
    expect(kept).toHaveLength(1 + 3);
    expect(log.info).toHaveBeenLastCalledWith({ ...NOTHING_PRUNED, memories: 2 }, 'old data thrown away');
    setPrunable(1_000);
    await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
    expect(kept).toHaveLength(1 + 3 + 20);
    stop();
  });

  it('tries again a minute after the database was out of reach', async () => {
    const { runs, log, stop, setDown } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    setDown(true);
    await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
    expect(log.warn).toHaveBeenCalledTimes(1);
    setDown(false);
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect(runs).toEqual({ cleaned: 2, settled: 2 });
    stop();
  });
});
