/**
 * A clock whose monotonic time goes on while the machine sleeps. Node's stands still then, but the server's does not, so
 * a lease would look younger than it is. A sleep shows as the wall clock running ahead of the monotonic one; a wall
 * clock that is set forward looks the same, which errs on the safe side. Promise: it never goes back, also when the wall
 * clock is put back after a sleep.
 */
import type { Clock } from '../clock.ts';
import { GAP_MS } from './meter-rules.ts';

/** @param onSleep told how long each sleep was, in milliseconds, when it is noticed: at the next look at the clock */
export function countingSleep(clock: Clock, onSleep: (sleptMs: number) => void): Clock {
  const wallAheadMs = () => clock.wallMs() - clock.monotonicMs();
  let seenAheadMs = wallAheadMs();
  let sleptMs = 0;
  return {
    monotonicMs: () => {
      const aheadMs = wallAheadMs();
      const jumpMs = aheadMs - seenAheadMs;
      seenAheadMs = aheadMs;
      if (jumpMs > GAP_MS) {
        sleptMs += jumpMs;
        onSleep(jumpMs);
      }
      return clock.monotonicMs() + sleptMs;
    },
    wallMs: () => clock.wallMs(),
    setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
  };
}
