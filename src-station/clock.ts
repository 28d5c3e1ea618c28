/**
 * Time for the station. Everything that waits or measures takes a `Clock`, so that tests own the time. Durations are
 * measured on the monotonic clock only; the wall clock is for people and for log lines.
 */
import { uptime } from 'node:os';

/** Handle of a running timer. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds (with fractions) on a clock that never goes back; its zero means nothing. It stands still in suspend. */
  monotonicMs(): number;
  /** Milliseconds since 1970 by the system's clock; may be wrong and may jump. */
  wallMs(): number;
  /**
   * Milliseconds since the machine began, suspend included, whatever the wall clock is set to. As coarse as the system
   * gives it: 10 ms on Linux, a second on macOS.
   */
  uptimeMs(): number;
  /** Calls back once after `delayMs`. A timer never keeps the process alive. */
  setTimer(callback: () => void, delayMs: number): Timer;
}

/** The real clock of this process. */
export function systemClock(): Clock {
  return {
    monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
    wallMs: () => Date.now(),
    // /proc/uptime or CLOCK_BOOTTIME on Linux, GetTickCount64 on Windows, kern.boottime on macOS: all count suspend.
    uptimeMs: () => uptime() * 1_000,
    setTimer: (callback, delayMs) => {
      const handle = setTimeout(callback, delayMs);
      handle.unref();
      return { cancel: () => clearTimeout(handle) };
    },
  };
}
