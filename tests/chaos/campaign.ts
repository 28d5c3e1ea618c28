/**
 * Waves of visits, one at each kiosk at the same time, while processes are killed by plan; after each wave everything
 * is let come back and the books are compared. One visit is one round.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Random, randomFor } from '../support/common/random.ts';
import { compareBooks, isSettled, unfulfilledPayments, type Verdict } from './books.ts';
import { ScriptedCustomer, type VisitReport } from './customer.ts';
import type { CustomerPage } from './page.ts';
import { type Battlefield, type Kill, planWave, type VisitPlan } from './plan.ts';
import { type Kiosk, type Plant, until } from './plant.ts';

/** Until everything runs and is sent after the last kill. */
const HEALING_MS = 120_000;
/** The slowest way to a card is the relay's sweep, every five minutes. */
const FULFILMENT_MS = 400_000;

export interface CampaignOptions {
  plant: Plant;
  seed: number;
  rounds: number;
  /** What chance may kill, and within what time. */
  field: Omit<Battlefield, 'stations'>;
  /** How long a customer tries before going away. */
  patienceMs: number;
  openPage(kiosk: Kiosk): CustomerPage;
  /** Aborted: ends after the present wave, with the verdict of the rounds that were run. */
  signal?: AbortSignal;
  /** Told after each wave. */
  onWave(told: { rounds: number; kills: number; verdict: Verdict }): void;
}

export interface CampaignResult {
  rounds: number;
  /** Processes killed. */
  kills: number;
  verdict: Verdict;
}

/** Runs until `rounds` visits are over or the books disagree. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { plant, seed } = options;
  const field = { ...options.field, stations: plant.kiosks.map(({ name }) => name) };
  const codes: string[] = [];
  const shown = new Map<string, number>();
  let result: CampaignResult | null = null;
  let rounds = 0;
  let kills = 0;
  for (let wave = 1; rounds < options.rounds; wave += 1) {
    const kiosks = plant.kiosks.slice(0, options.rounds - rounds);
    const plan = planWave(seed, wave, field);
    const random = randomFor(seed, `codes ${wave}`);
    const [reports, killed] = await Promise.all([
      Promise.all(kiosks.map((kiosk, at) => visit(options, kiosk, plan.visits[at], pickCode(codes, random)))),
      killByPlan(plant, plan.kills),
    ]);
    for (const report of reports) remember(report, shown, codes);
    rounds += kiosks.length;
    kills += killed;
    await heal(plant);
    const verdict = await compareBooks(plant, shown);
    result = { rounds, kills, verdict };
    options.onWave(result);
    if (isWrong(verdict)) return result;
    if (options.signal?.aborted) break;
  }
  if (!result) throw new Error('a campaign of no rounds shows nothing');
  await until(
    'every payment has its card',
    async () => (await unfulfilledPayments(plant)).length === 0,
    FULFILMENT_MS,
  );
  return { ...result, verdict: await compareBooks(plant, shown) };
}

export function isWrong({ lostSeconds, doubledSeconds, overspentSeconds, faults }: Verdict): boolean {
  return lostSeconds + doubledSeconds + overspentSeconds > 0 || faults.length > 0;
}

async function visit(
  { openPage, patienceMs }: CampaignOptions,
  kiosk: Kiosk,
  plan: VisitPlan | undefined,
  oldCode: string | null,
): Promise<VisitReport> {
  const { name } = kiosk;
  if (!plan) throw new Error(`no plan for ${name}`);
  const page = openPage(kiosk);
  await until(`${name} opens its page`, () =>
    page.launch().then(
      () => true,
      () => false,
    ),
  );
  try {
    return await new ScriptedCustomer(page, plan, oldCode, patienceMs).visit();
  } catch (error) {
    throw new Error(`the visit at ${name} can't be ended`, { cause: error });
  }
}

function pickCode(codes: readonly string[], random: Random): string | null {
  return codes.length > 0 ? random.one(codes) : null;
}

function remember(report: VisitReport, shown: Map<string, number>, codes: string[]): void {
  for (const [talk, seconds] of report.shownSeconds) shown.set(talk, seconds);
  if (report.code) codes.push(report.code);
}

async function killByPlan(plant: Plant, kills: readonly Kill[]): Promise<number> {
  const startMs = performance.now();
  let killed = 0;
  for (const { afterMs, victims } of kills) {
    await delay(Math.max(0, startMs + afterMs - performance.now()));
    killed += plant.kill(victims).length;
  }
  return killed;
}

/** All parts run again, every second has been sent, every lease given back. */
async function heal(plant: Plant): Promise<void> {
  await until(
    'all parts are ready again',
    () => plant.statuses().every(({ phase }) => phase === 'ready'),
    HEALING_MS,
  );
  await until('all seconds are sent', () => isSettled(plant).catch(() => false), HEALING_MS);
}
