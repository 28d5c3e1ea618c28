/**
 * A clock whose monotonic time goes on while the machine sleeps. Node's stands still then, but the server's does not, so
 * a lease would look younger than it is. A sleep shows as the machine's uptime running ahead of the monotonic clock,
 * whatever becomes of the wall clock meanwhile; or as the wall clock running ahead of it (a virtual machine that was
 * stopped has no uptime for that). A wall clock that is set forward looks the same, which errs on the safe side. Promise:
 * it never goes back.
 */
import { GAP_MS } from '../../src-shared/limits.ts';
import type { Clock } from '../clock.ts';

/** @param onSleep told how long each sleep was, in milliseconds, when it is noticed: at the next look at the clock */
export function countingSleep(clock: Clock, onSleep: (sleptMs: number) => void): Clock {
  const aheadMs = () => {
    const nowMs = clock.monotonicMs();
    return { uptime: clock.uptimeMs() - nowMs, wall: clock.wallMs() - nowMs };
  };
  let seen = aheadMs();
  let sleptMs = 0;
  return {
    monotonicMs: () => {
      const now = aheadMs();
      const jumpMs = Math.max(now.uptime - seen.uptime, now.wall - seen.wall);
      seen = now;
      if (jumpMs > GAP_MS) {
        sleptMs += jumpMs;
        onSleep(jumpMs);
      }
      return clock.monotonicMs() + sleptMs;
    },
    wallMs: () => clock.wallMs(),
    uptimeMs: () => clock.uptimeMs(),
    setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
  };
}
