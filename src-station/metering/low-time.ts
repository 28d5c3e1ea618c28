/** Warnings before the end of the time: once at each threshold on the way down, again after a top-up. */
import { LOW_TIME_SECONDS } from '../../src-shared/limits.ts';

export class LowTime {
  #lastSeconds: number;

  /** @param usableSeconds what the talk begins with; a threshold above it gives no warning */
  constructor(usableSeconds: number) {
    this.#lastSeconds = usableSeconds;
  }

  /** @returns true when a threshold was crossed downwards since the last call */
  crossed(usableSeconds: number): boolean {
    const before = this.#lastSeconds;
    this.#lastSeconds = usableSeconds;
    return LOW_TIME_SECONDS.some((threshold) => before > threshold && usableSeconds <= threshold);
  }
}
