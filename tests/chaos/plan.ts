/** What chance decides before a wave begins: what each customer does, and who is killed when. Pure, so a seed replays it. */
import { type Random, randomFor } from '../support/common/random.ts';

/** A package so small that talks reach the end of the wallet, made for this campaign. */
export const TINY_PACKAGE = { id: 'chaos', paidSeconds: 12, bonusSeconds: 5, priceCents: 199 } as const;

/** Killed by default, beside each kiosk's own station. */
export const SHARED_VICTIMS = ['relay', 'supabase', 'postgres', 'stripe'] as const;

export interface VisitPlan {
  packageId: string;
  /** Uses the code of an earlier visit when there is one. */
  usesOldCode: boolean;
  /** First types the number of a card that is declined. */
  declinedFirst: boolean;
  /** Leaves the pay screen: without paying, or just after the payment, before the kiosk has seen it. */
  leavesPayScreen: 'never' | 'unpaid' | 'paid';
  /** Charged seconds after which the customer ends the talk; more than a tiny card has means: to its end. */
  talkSeconds: number;
}

export interface Kill {
  afterMs: number;
  victims: string[];
}

export interface WavePlan {
  visits: VisitPlan[];
  kills: Kill[];
}

/** With `--whole`: the voice's parts too. */
export const WHOLE_VICTIMS = [...SHARED_VICTIMS, 'livekit', 'agent', 'speech'] as const;

export interface Battlefield {
  /** Names of the kiosks' stations, one visit each. */
  stations: readonly string[];
  /** Other processes that may be killed. */
  shared: readonly string[];
  /** Kills fall within so long from the start of a wave: until visits are in their talks. */
  killsWithinMs: number;
}

export function planWave(seed: number, wave: number, field: Battlefield): WavePlan {
  const { stations, shared, killsWithinMs } = field;
  const visits = stations.map((_, kiosk) => {
    const random = randomFor(seed, `visit ${wave}.${kiosk}`);
    return {
      packageId: random.chance(0.2) ? 'starter' : TINY_PACKAGE.id,
      usesOldCode: random.chance(0.35),
      declinedFirst: random.chance(0.15),
      leavesPayScreen: random.chance(0.2) ? random.one(['unpaid', 'paid'] as const) : 'never',
      talkSeconds: random.chance(0.25) ? 60 : random.int(1, 9),
    } satisfies VisitPlan;
  });
  const random = randomFor(seed, `kills ${wave}`);
  const kills = Array.from({ length: random.int(1, 5) }, () => ({
    afterMs: random.int(100, killsWithinMs),
    victims: victimsOf(random, [...shared, ...stations]),
  }));
  return { visits, kills: kills.sort((a, b) => a.afterMs - b.afterMs) };
}

function victimsOf(random: Random, all: readonly string[]): string[] {
  if (random.chance(0.05)) return [...all];
  return [...new Set(Array.from({ length: random.int(1, 3) }, () => random.one(all)))];
}
