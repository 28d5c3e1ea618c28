/**
 * Trying again after a failure: how long to wait, and the loop that does it. Pure but for the wait it is given, so that
 * everybody waits by one rule and tests need no time. Each caller names its own figures: who waits differs.
 */

export interface Backoff {
  /** Wait after the first failure, in milliseconds. */
  firstMs: number;
  /** No wait is longer than this, in milliseconds. */
  longestMs: number;
  /** How many times longer each wait is than the one before it; 2 unless given, 1 for equal waits. */
  factor?: number;
  /** The share of each wait that is left to chance, 0 … 1, so that many kiosks do not march in step; 0 unless given. */
  jitter?: number;
}

/**
 * The wait before the next try, in milliseconds.
 * @param failures failures in a row, 1 or more
 * @param random 0 … 1; takes off up to the share `jitter` of the wait at 0, nothing at 1
 */
export function backoffMs(rule: Backoff, failures: number, random = 1): number {
  const { firstMs, longestMs, factor = 2, jitter = 0 } = rule;
  const wholeMs = Math.min(longestMs, firstMs * factor ** Math.max(0, failures - 1));
  return wholeMs * (1 - jitter * (1 - random));
}

export interface Retries {
  /** Waits between two tries; two equal figures, or `factor: 1`, for equal waits. */
  backoff: Backoff;
  /** Whether it is worth another try, told after each failure; `failures` counts from 1. */
  again(failures: number, error: unknown): boolean;
  wait(durationMs: number): Promise<void>;
  /** 0 … 1, for jitter. */
  random?: () => number;
}

/** The wait of the product, by the system's timer, in milliseconds; tests give `retried` one that takes no time. */
export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

/**
 * Runs `attempt` until it succeeds or is not worth another try.
 * @throws what the last try threw
 */
export async function retried<Result>(attempt: () => Promise<Result>, rule: Retries): Promise<Result> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!rule.again(failures, error)) throw error;
      await rule.wait(backoffMs(rule.backoff, failures, rule.random?.()));
    }
  }
}
