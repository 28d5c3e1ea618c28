import { uptime } from 'node:os';
import { describe, expect, it } from 'vitest';
import { ManualClock } from './clock.test-kit.ts';
import { systemClock } from './clock.ts';

describe('ManualClock', () => {
  it('fires timers in the order they are due, each at its own moment', () => {
    const clock = new ManualClock();
    const start = clock.monotonicMs();
    const fired: [string, number][] = [];
    const note = (name: string) => () => fired.push([name, clock.monotonicMs() - start]);
    clock.setTimer(note('late'), 30);
    clock.setTimer(() => {
      note('early')();
      clock.setTimer(note('chained'), 5);
    }, 10);
    clock.advance(29);
    expect(fired).toEqual([
      ['early', 10],
      ['chained', 15],
    ]);
    clock.advance(1);
    expect(fired.at(-1)).toEqual(['late', 30]);
  });

  it('does not fire a cancelled timer', () => {
    const clock = new ManualClock();
    let fired = false;
    clock.setTimer(() => (fired = true), 1).cancel();
    clock.advance(10);
    expect(fired).toBe(false);
  });

  it('moves the wall clock apart from the monotonic one', () => {
    const clock = new ManualClock(5_000);
    const before = clock.monotonicMs();
    clock.moveWall(-1_000);
    expect(clock.wallMs()).toBe(4_000);
    expect(clock.monotonicMs()).toBe(before);
    expect(clock.uptimeMs()).toBe(before);
  });

  it('sleeps by all clocks but the monotonic one', () => {
    const clock = new ManualClock(5_000);
    const before = clock.monotonicMs();
    clock.sleep(60_000);
    expect([clock.wallMs(), clock.uptimeMs()]).toEqual([65_000, before + 60_000]);
    expect(clock.monotonicMs()).toBe(before);
  });
});

describe('systemClock', () => {
  it('never goes back', () => {
    const clock = systemClock();
    const first = clock.monotonicMs();
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(first);
  });

  it('has the uptime of the machine beside it, as the system tells it', () => {
    const clock = systemClock();
    const [before, told, after] = [uptime() * 1_000, clock.uptimeMs(), uptime() * 1_000];
    expect(told).toBeGreaterThanOrEqual(before);
    expect(told).toBeLessThanOrEqual(after);
  });
});
