/**
 * Looks at the talk's clock on the screen ten times a second, as an eye would: how long it was running, and whether it
 * ever moved while the screen said that it stands still.
 */
import type { Page } from '@playwright/test';

const LOOK_EVERY_MS = 100;

interface Look {
  atMs: number;
  /** null: no talk on the screen, or covered. */
  meter: string | null;
  remainingSeconds: number;
}

export interface ClockWatch {
  /** Milliseconds during which the screen said that the clock runs. */
  runningMs(): Promise<number>;
  /** Seconds that vanished while the screen said that the clock stands still, at the worst look. */
  lostWhileStopped(): Promise<number>;
  /** Remaining seconds that the talk's screen has shown last. */
  lastShown(): Promise<number | undefined>;
  /** Begins anew. */
  reset(): Promise<void>;
}

/** Watches this page; a reload begins anew. */
export async function watchClock(page: Page): Promise<ClockWatch> {
  const watch = (everyMs: number) => {
    const looks: Look[] = [];
    Object.assign(window, { __looks: looks });
    setInterval(() => {
      const covered = document.querySelector('[data-testid=link-overlay]');
      const meter = covered ? null : document.querySelector('[data-testid=meter-state]');
      const remaining = document.querySelector('[data-testid=remaining-seconds]');
      looks.push({
        atMs: performance.now(),
        meter: meter?.getAttribute('data-meter') ?? null,
        remainingSeconds: Number(remaining?.getAttribute('data-seconds')),
      });
    }, everyMs);
  };
  await page.addInitScript(watch, LOOK_EVERY_MS);
  await page.evaluate(watch, LOOK_EVERY_MS);
  const looks = () => page.evaluate(() => (window as unknown as { __looks: Look[] }).__looks);
  return {
    async runningMs() {
      const seen = await looks();
      return seen.reduce((sum, look, at) => {
        const next = seen[at + 1];
        return look.meter === 'charging' && next ? sum + next.atMs - look.atMs : sum;
      }, 0);
    },
    async lostWhileStopped() {
      let worst = 0;
      let stoppedAt: number | null = null;
      for (const look of await looks()) {
        if (look.meter === null || look.meter === 'charging') stoppedAt = null;
        else {
          stoppedAt ??= look.remainingSeconds;
          worst = Math.max(worst, stoppedAt - look.remainingSeconds);
        }
      }
      return worst;
    },
    lastShown: async () => (await looks()).findLast(({ meter }) => meter !== null)?.remainingSeconds,
    reset: () =>
      page.evaluate(() => {
        (window as unknown as { __looks: Look[] }).__looks.length = 0;
      }),
  };
}
