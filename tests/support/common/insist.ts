/** Waiting in support code that also runs outside a test runner (benches), where vitest's own `waitFor` can't. */
import { setTimeout as delay } from 'node:timers/promises';

/** Calls `check` until it doesn't throw; gives its value. @throws what it threw last, after `timeout` ms */
export async function insist<T>(
  check: () => T | Promise<T>,
  { timeout, interval }: { timeout: number; interval: number },
): Promise<T> {
  const deadlineMs = performance.now() + timeout;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
    }
    await delay(interval);
  }
}
