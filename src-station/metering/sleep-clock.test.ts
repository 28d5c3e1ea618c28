import { expect, it } from 'vitest';
import { ManualClock } from '../clock.test-kit.ts';
import { countingSleep } from './sleep-clock.ts';

function setUp() {
  const clock = new ManualClock();
  const sleeps: number[] = [];
  const counting = countingSleep(clock, (sleptMs) => sleeps.push(sleptMs));
  const startMs = counting.monotonicMs();
  return { clock, sleeps, passedMs: () => counting.monotonicMs() - startMs };
}

it('goes on while the machine sleeps, and tells of each sleep once', () => {
  const { clock, sleeps, passedMs } = setUp();
  clock.advance(1_000);
  clock.sleep(60_000);
  expect(passedMs()).toBe(61_000);
  clock.advance(500);
  clock.sleep(10_000);
  expect([passedMs(), passedMs()]).toEqual([71_500, 71_500]);
  expect(sleeps).toEqual([60_000, 10_000]);
});

it('knows how long it slept also when the wall clock is set before anybody looks', () => {
  const { clock, sleeps, passedMs } = setUp();
  clock.sleep(45 * 60_000);
  clock.moveWall(-40 * 60_000);
  expect(passedMs()).toBe(45 * 60_000);
  expect(sleeps).toEqual([45 * 60_000]);
});

it('takes a wall clock that runs ahead for a sleep too: a stopped virtual machine has no other sign', () => {
  const { clock, sleeps, passedMs } = setUp();
  clock.moveWall(45 * 60_000);
  expect(passedMs()).toBe(45 * 60_000);
  expect(sleeps).toEqual([45 * 60_000]);
});

it('never goes back when the wall clock does, and takes no small step of it for a sleep', () => {
  const { clock, sleeps, passedMs } = setUp();
  clock.sleep(60_000);
  expect(passedMs()).toBe(60_000);
  clock.moveWall(-3_600_000);
  expect(passedMs()).toBe(60_000);
  for (let step = 0; step < 10; step += 1) {
    clock.moveWall(1_500);
    clock.advance(1_000);
    expect(passedMs()).toBe(60_000 + (step + 1) * 1_000);
  }
  expect(sleeps).toEqual([60_000]);
});
