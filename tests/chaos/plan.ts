/** What chance decides before a wave begins: what each customer does, and who is killed when. Pure, so a seed replays it. */
import { chanceOf } from './random.ts';

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
    const chance = chanceOf(seed, `visit ${wave}.${kiosk}`);
    return {
      packageId: chance.happens(0.2) ? 'starter' : TINY_PACKAGE.id,
      usesOldCode: chance.happens(0.35),
      declinedFirst: chance.happens(0.15),
      leavesPayScreen: chance.happens(0.2) ? chance.pick(['unpaid', 'paid'] as const) : 'never',
      talkSeconds: chance.happens(0.25) ? 60 : chance.between(1, 9),
    } satisfies VisitPlan;
  });
  const chance = chanceOf(seed, `kills ${wave}`);
  const kills = Array.from({ length: chance.between(1, 5) }, () => ({
    afterMs: chance.between(100, killsWithinMs),
    victims: victimsOf(chance, [...shared, ...stations]),
  }));
  return { visits, kills: kills.sort((a, b) => a.afterMs - b.afterMs) };
}

function victimsOf(chance: ReturnType<typeof chanceOf>, all: readonly string[]): string[] {
  if (chance.happens(0.05)) return [...all];
  return [...new Set(Array.from({ length: chance.between(1, 3) }, () => chance.pick(all)))];
}
