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

interface Waiting {
  dueMs: number;
  order: number;
  callback: () => void;
}

/** A clock that moves only when told; for tests. */
export class ManualClock implements Clock {
  #nowMs = 1_000;
  #wallOffsetMs: number;
  #sleptMs = 0;
  #order = 0;
  readonly #waiting = new Set<Waiting>();

  constructor(wallMs = Date.UTC(2026, 10, 1)) {
    this.#wallOffsetMs = wallMs - this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  uptimeMs(): number {
    return this.#nowMs + this.#sleptMs;
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const entry: Waiting = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#waiting.add(entry);
    return { cancel: () => void this.#waiting.delete(entry) };
  }

  /** Moves on by `ms`, firing each timer at its own moment, in order. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.#nextDue(endMs); next; next = this.#nextDue(endMs)) this.#fire(next);
    this.#nowMs = endMs;
  }

  /** As `advance`, letting promises settle before, between and after the timers. */
  async advanceAsync(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#nextDue(endMs); next; next = this.#nextDue(endMs)) {
      this.#fire(next);
      await settle();
    }
    this.#nowMs = endMs;
    await settle();
  }

  /** The process did not run for `ms` (no timer fired meanwhile); both clocks moved on. */
  freeze(ms: number): void {
    this.#nowMs += ms;
  }

  /** The machine was suspended: the monotonic clock stood still. */
  sleep(ms: number): void {
    this.#sleptMs += ms;
    this.#wallOffsetMs += ms;
  }

  /** The wall clock is set. */
  moveWall(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  #nextDue(endMs: number): Waiting | undefined {
    let first: Waiting | undefined;
    for (const entry of this.#waiting) {
      if (entry.dueMs > endMs) continue;
      if (!first || entry.dueMs < first.dueMs || (entry.dueMs === first.dueMs && entry.order < first.order)) {
        first = entry;
      }
    }
    return first;
  }

  #fire(entry: Waiting): void {
    this.#waiting.delete(entry);
    this.#nowMs = Math.max(this.#nowMs, entry.dueMs);
    entry.callback();
  }
}

/** Lets promise callbacks run, several rounds of them. */
async function settle(): Promise<void> {
  for (let round = 0; round < 3; round++) await new Promise((resolve) => setImmediate(resolve));
}
