/**
 * Looks at the parts the visit needs, again and again, and keeps what was seen. Promise: one slow or dead part never
 * holds up what is known of the others.
 */
import type { PricingPackage } from '../../src-shared/pricing.ts';
import type { Clock, Timer } from '../clock.ts';
import { type PartsSeen, servicesOf } from './services.ts';
import type { World } from './snapshot.ts';

export interface WorldProbes {
  databaseReachable(): boolean;
  /** Seconds the visit may talk with while the database is away. */
  keptSeconds(): number;
  /** Checks of the relay's health; rejects when it does not answer. */
  relayHealth(): Promise<Record<string, string>>;
  livekitReachable(): Promise<boolean>;
  /** Checks of the agent's health; rejects when it does not answer. */
  agentHealth(): Promise<Record<string, string>>;
  /** Packages on sale, null when they can't be read now. */
  packages(): Promise<PricingPackage[] | null>;
}

/** What the operator has decided. */
export type Offer = Pick<PartsSeen, 'hereOffered' | 'sellsWithoutVoice'>;

const PERIOD_MS = 5_000;
/** While a part is missing (all of them are, for a moment, at each start): its return must show soon. */
const MISSING_PERIOD_MS = 250;
const PACKAGES_PERIOD_MS = 60_000;
/** Checks of the agent without whose providers no talk is one. */
const SPEECH_CHECKS: ReadonlySet<string> = new Set(['mind', 'voice']);
/** Without ears a customer can still write; the assistant says so. */
const EARS_CHECK = 'ears';

export class WorldMonitor {
  readonly #probes: WorldProbes;
  readonly #clock: Clock;
  readonly #fixed: Pick<World, 'stationInstance' | 'demo'>;
  readonly #offer: Offer;
  readonly #listeners = new Set<() => void>();
  #seen: Omit<PartsSeen, 'database' | 'keptSeconds' | 'packagesKnown' | keyof Offer> = {
    relay: null,
    payments: null,
    reader: null,
    livekit: null,
    agent: null,
  };
  #packages: PricingPackage[] = [];
  #packagesAtMs = Number.NEGATIVE_INFINITY;
  #told = '';
  #timer: Timer | null = null;
  #stopped = false;

  constructor(
    probes: WorldProbes,
    clock: Clock,
    fixed: Pick<World, 'stationInstance' | 'demo'>,
    offer: Offer,
  ) {
    this.#offer = offer;
    this.#probes = probes;
    this.#clock = clock;
    this.#fixed = fixed;
  }

  world(): World {
    const parts = {
      ...this.#seen,
      database: this.#probes.databaseReachable(),
      keptSeconds: this.#probes.keptSeconds(),
      packagesKnown: this.#packages.length > 0,
      ...this.#offer,
    };
    return { ...this.#fixed, services: servicesOf(parts), packages: this.#packages };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    void this.look();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Lines for `/health`. */
  health(): Record<string, string> {
    const { relay, livekit, agent } = this.#seen;
    const line = (ok: boolean, seen: boolean, problem: string) =>
      ok ? 'ok' : seen ? problem : 'not looked at yet';
    return {
      relay: line(relay === true, relay !== null, 'the relay does not answer; is it running?'),
      voice: line(livekit === true, livekit !== null, 'LiveKit does not answer, or refuses our key'),
      agent: line(agent === 'ok', agent !== null, `the voice agent is not ready (${agent})`),
    };
  }

  /** One look at everything; tells listeners of each difference as it is seen. */
  async look(): Promise<void> {
    this.#timer?.cancel();
    await Promise.allSettled([this.#lookAtRelay(), this.#lookAtVoice(), this.#lookAtPackages()]);
    this.tell();
    const isWell = Object.values(this.health()).every((line) => line === 'ok');
    const periodMs = isWell ? PERIOD_MS : MISSING_PERIOD_MS;
    if (!this.#stopped) this.#timer = this.#clock.setTimer(() => void this.look(), periodMs);
  }

  /** Tells the listeners when the world differs from what they were told. */
  tell(): void {
    const now = JSON.stringify(this.world());
    if (now === this.#told) return;
    this.#told = now;
    for (const listener of [...this.#listeners]) listener();
  }

  async #lookAtRelay(): Promise<void> {
    const checks = await this.#probes.relayHealth().catch(() => null);
    const stripe = checks?.['stripe'];
    this.#seen.relay = checks !== null;
    // What was seen stays while the relay is away: `buy` tells of that.
    const reader = checks?.['reader'];
    if (checks) this.#seen.reader = reader === undefined ? null : reader === 'ok';
    this.#seen.payments = checks === null ? false : stripe === undefined || stripe === 'ok';
    this.tell();
  }

  async #lookAtVoice(): Promise<void> {
    const [livekit, agent] = await Promise.all([
      this.#probes.livekitReachable().catch(() => false),
      this.#probes.agentHealth().catch(() => null),
    ]);
    this.#seen.livekit = livekit;
    this.#seen.agent = agentState(agent);
    this.tell();
  }

  async #lookAtPackages(): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#packages.length > 0 && nowMs - this.#packagesAtMs < PACKAGES_PERIOD_MS) return;
    const packages = await this.#probes.packages().catch(() => null);
    if (!packages) return;
    this.#packages = packages;
    this.#packagesAtMs = nowMs;
    this.tell();
  }
}

function agentState(checks: Record<string, string> | null): PartsSeen['agent'] {
  if (checks === null) return 'unreachable';
  const wrong = Object.entries(checks).filter(([name, line]) => line !== 'ok' && name !== EARS_CHECK);
  if (wrong.length === 0) return 'ok';
  return wrong.every(([name]) => SPEECH_CHECKS.has(name)) ? 'speech_missing' : 'unreachable';
}
