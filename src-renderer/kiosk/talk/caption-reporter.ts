/**
 * Tells the station what was said. Growing captions go at most twice a second each, final ones always and until the
 * station has them.
 */
import { type Backoff, retried } from '../../../src-shared/retry.ts';
import type { Caption } from '../../../src-shared/visit.ts';

const GROWING_EVERY_MS = 500;
const RETRY: Backoff = { firstMs: 1_000, longestMs: 1_000 };
const TRIES = 30;

export interface ReporterDeps {
  report(caption: Caption): Promise<void>;
  nowMs(): number;
  wait(durationMs: number): Promise<void>;
}

export class CaptionReporter {
  readonly #deps: ReporterDeps;
  readonly #sentAtMs = new Map<string, number>();

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
  }

  /** Resolves when nothing more is done about this caption. */
  async said(caption: Caption): Promise<void> {
    if (caption.text === '') return;
    if (!caption.final) {
      const nowMs = this.#deps.nowMs();
      if (nowMs - (this.#sentAtMs.get(caption.id) ?? Number.NEGATIVE_INFINITY) < GROWING_EVERY_MS) return;
      this.#sentAtMs.set(caption.id, nowMs);
      await this.#deps.report(caption).catch(() => undefined);
      return;
    }
    this.#sentAtMs.delete(caption.id);
    const { report, wait } = this.#deps;
    const again = (failures: number) => failures < TRIES;
    await retried(() => report(caption), { backoff: RETRY, again, wait }).catch(() => undefined);
  }
}
