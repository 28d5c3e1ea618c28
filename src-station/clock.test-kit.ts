/** Time in a test's hand. */
import type { Clock, Timer } from './clock.ts';

interface Waiting {
  dueMs: number;
  order: number;
  callback: () => void;
}

/** A clock that moves only when told. */
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
