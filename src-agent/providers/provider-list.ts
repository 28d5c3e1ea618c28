/**
 * The providers of one role in the order of the operator, and which of them can be asked now. Promises: one that failed
 * is left out until it answered a question of its own (asked behind the talk, less and less often), so that no customer
 * waits for it again; with all of them failing each is tried in order, for there is nothing better.
 */
import { type Backoff, backoffMs } from '../../src-shared/retry.ts';

/** One that failed is asked again after so long; the longest wait bounds what the questions cost. */
const ASK_AGAIN: Backoff = { firstMs: 5_000, longestMs: 120_000 };

export interface ProviderListOptions<Provider> {
  /** Asks it whether it answers now; a rejection says no. */
  ask(provider: Provider): Promise<void>;
  wait(durationMs: number): Promise<void>;
}

export class ProviderList<Provider> {
  readonly #providers: readonly Provider[];
  readonly #options: ProviderListOptions<Provider>;
  readonly #failing = new Set<Provider>();
  #closed = false;

  /** @param providers at least one */
  constructor(providers: readonly Provider[], options: ProviderListOptions<Provider>) {
    if (providers.length === 0) throw new Error('a role needs a provider');
    this.#providers = providers;
    this.#options = options;
  }

  /** Those to be asked, the best first; never empty. */
  get order(): readonly Provider[] {
    const well = this.#providers.filter((provider) => !this.#failing.has(provider));
    return well.length > 0 ? well : this.#providers;
  }

  /** True while none of them is known to answer. */
  get allFailing(): boolean {
    return this.#failing.size === this.#providers.length;
  }

  isFailing(provider: Provider): boolean {
    return this.#failing.has(provider);
  }

  failed(provider: Provider): void {
    if (this.#failing.has(provider) || this.#closed) return;
    this.#failing.add(provider);
    void this.#watch(provider);
  }

  works(provider: Provider): void {
    this.#failing.delete(provider);
  }

  /** Whether any of them answers now: known from the talk, or asked. */
  async anyAnswers(): Promise<boolean> {
    if (!this.allFailing) return true;
    return Promise.any(this.#providers.map((provider) => this.#ask(provider))).then(
      () => true,
      () => false,
    );
  }

  /** No more questions. */
  close(): void {
    this.#closed = true;
  }

  async #watch(provider: Provider): Promise<void> {
    for (let failures = 1; !this.#closed && this.#failing.has(provider); failures += 1) {
      await this.#options.wait(backoffMs(ASK_AGAIN, failures));
      if (this.#closed || !this.#failing.has(provider)) return;
      await this.#ask(provider).catch(() => undefined);
    }
  }

  async #ask(provider: Provider): Promise<void> {
    await this.#options.ask(provider);
    this.works(provider);
  }
}
