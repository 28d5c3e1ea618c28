/**
 * What the worker knows of the providers, before and between the talks: each is asked at the start and now and then, at
 * once after a talk met a fault. Promises: a model that does not exist, or a key that is refused, is known before the
 * first talk; a role is well while one of its providers is.
 */
import { PROVIDER_ROLES, type ProviderFault } from '../../src-shared/providers.ts';
import type { AskedProvider } from './ask.ts';
import { isPassing, providerErrorOf } from './fault.ts';

/** One that answered is asked again after so long: 144 questions of three words a day. */
const WELL_PERIOD_MS = 10 * 60_000;
const FAILING_PERIOD_MS = 15_000;
/** At the start of the box the servers of this machine are only starting too. */
const STARTING_PERIOD_MS = 1_000;
const STARTING_TRIES = 15;
/** After a talk met a fault: by then a hiccup is over. */
const AFTER_FAULT_MS = 3_000;

interface Watched extends AskedProvider {
  /** `unknown` until it answered, or failed after the time of starting. */
  state: 'unknown' | 'well' | ProviderFault;
  wake(): void;
}

export interface ProviderWatchOptions {
  onFault(fault: ProviderFault): void;
  onWell(provider: AskedProvider['name']): void;
}

export class ProviderWatch {
  readonly #options: ProviderWatchOptions;
  readonly #watched: Watched[];
  #closed = false;

  constructor(providers: readonly AskedProvider[], options: ProviderWatchOptions) {
    this.#options = options;
    this.#watched = providers.map((provider) => ({
      ...provider,
      state: 'unknown',
      wake: () => undefined,
    }));
    for (const watched of this.#watched) void this.#watch(watched);
  }

  /** One line for each role that was asked: `ok`, or which provider said what. */
  get checks(): Record<string, string> {
    const lines: Record<string, string> = {};
    for (const role of PROVIDER_ROLES) {
      const states = this.#watched.flatMap(({ name, state }) => (name.role === role ? [state] : []));
      if (states.every((state) => state === 'unknown')) continue;
      const faults = states.filter((state) => typeof state === 'object');
      lines[role] = states.includes('well') ? 'ok' : faults.map(faultLine).join('; ');
    }
    return lines;
  }

  /** Each provider and whether it answers, for metrics. */
  get providers(): { name: AskedProvider['name']; isWell: boolean }[] {
    return this.#watched.map(({ name, state }) => ({ name, isWell: state === 'well' }));
  }

  /** A talk met this fault. */
  met(fault: ProviderFault): void {
    const watched = this.#watched.find(
      ({ name }) =>
        name.role === fault.role && name.provider === fault.provider && name.model === fault.model,
    );
    if (!watched) return;
    watched.state = fault;
    watched.wake();
  }

  close(): void {
    this.#closed = true;
    for (const watched of this.#watched) watched.wake();
  }

  async #watch(watched: Watched): Promise<void> {
    for (let tries = 1; !this.#closed; tries += 1) {
      const isStarting = watched.state === 'unknown' && tries <= STARTING_TRIES;
      const fault = await faultOf(watched);
      if (this.#closed) return;
      if (fault) this.#isFailing(watched, fault, isStarting);
      else this.#isWell(watched);
      const failingMs = isStarting ? STARTING_PERIOD_MS : FAILING_PERIOD_MS;
      await this.#wait(watched, fault ? failingMs : WELL_PERIOD_MS);
    }
  }

  #isFailing(watched: Watched, fault: ProviderFault, isStarting: boolean): void {
    // A wrong key or model is an answer: no start of a server mends it.
    if (isStarting && isPassing(fault)) return;
    const isNew = typeof watched.state !== 'object' || faultLine(watched.state) !== faultLine(fault);
    watched.state = fault;
    if (isNew) this.#options.onFault(fault);
  }

  #isWell(watched: Watched): void {
    const wasFailing = typeof watched.state === 'object';
    watched.state = 'well';
    if (wasFailing) this.#options.onWell(watched.name);
  }

  /** Waits; woken, only a moment more. */
  #wait(watched: Watched, durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, durationMs);
      timer.unref();
      watched.wake = () => {
        clearTimeout(timer);
        if (this.#closed) resolve();
        else setTimeout(resolve, AFTER_FAULT_MS).unref();
      };
    });
  }
}

async function faultOf(provider: AskedProvider): Promise<ProviderFault | undefined> {
  try {
    await provider.ask();
    return undefined;
  } catch (error) {
    return providerErrorOf(provider.name, error, false).fault;
  }
}

/** For example `api.openai.com gpt-4.1-mini: refused (404)`. */
export function faultLine({ provider, model, kind, status }: ProviderFault): string {
  return `${provider} ${model}: ${kind}${status === null ? '' : ` (${status})`}`;
}
