/** One run: a seed, so many operations, and whether anything was wrong. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../support/common/random.ts';
import type { Package } from './books/payments.ts';
import { checkAll, checkQuick } from './checks.ts';
import { heal } from './healing.ts';
import * as faults from './operations-faults.ts';
import * as money from './operations-money.ts';
import * as talks from './operations-talk.ts';
import { withSeededIds } from './seeded-ids.ts';
import type { SimServer, SqlMutation } from './server.ts';
import { REAL_PARTS, type StationParts } from './station.ts';
import { KIOSKS, World } from './world.ts';

type Operation = (world: World) => Promise<void>;

/** How often each happens, relative to the others. */
const OPERATIONS: readonly [weight: number, operation: Operation][] = [
  [40, money.buy],
  [45, money.pay],
  [6, money.decline],
  [5, money.forge],
  [14, money.giveBack],
  [5, money.sweep],
  [8, money.redeliver],
  [55, money.redeem],
  [8, money.deduct],
  [6, money.mergeWallets],
  [2, money.revokeCard],
  [8, money.ageCard],
  [6, money.cleanUp],
  [70, talks.beginTalk],
  [110, talks.talk],
  [40, talks.endTalk],
  [80, talks.talkOnOrLeave],
  [12, talks.pauseOrResume],
  [8, talks.sickenOrHeal],
  [6, talks.balance],
  [14, talks.race],
  [22, faults.cutOrMend],
  [8, faults.setTrouble],
  [8, faults.arriveLate],
  [10, faults.crash],
  [8, faults.dieInCall],
  [6, faults.setWallClock],
  [8, faults.leap],
  [4, faults.settleSilent],
  [4, faults.voidLease],
  [1, faults.replaceKiosk],
  [4, faults.copyDisk],
  [2, faults.restoreDisk],
  [1, faults.backUpServer],
  [1, faults.restoreServer],
];

const CHECK_ALL_EVERY = 100;

export interface RunOptions {
  server: SimServer;
  seed: number;
  ops: number;
  sqlMutation?: SqlMutation | undefined;
  stationParts?: StationParts | undefined;
}

export interface Outcome {
  seed: number;
  /** Operations done. */
  ops: number;
  /** What was wrong and at which operation; null when nothing was. */
  violation: { op: number; operation: string; what: string; history: string[] } | null;
  /** Of the whole history of answers: two runs with the same one went the same way. */
  fingerprint: string;
  answers: number;
  talkedSeconds: number;
  parkedRows: number;
  /** What was seen how often: answers of the server, reasons of parked rows, logs set aside. */
  seen: Record<string, number>;
}

export async function run(options: RunOptions): Promise<Outcome> {
  const random = new Random(options.seed);
  const dir = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mindbot-sim-disks-'));
  const database = await options.server.openRun(options.sqlMutation);
  try {
    return await withSeededIds(random, async () => {
      const packages = await database.query<Package>(PACKAGES, 0);
      const stationParts = options.stationParts ?? REAL_PARTS;
      return operate(new World({ random, database, packages, dir, stationParts }), options);
    });
  } finally {
    await database.drop();
    await rm(dir, { recursive: true, force: true });
  }
}

const PACKAGES = `select id, paid_seconds as "paidSeconds", bonus_seconds as "bonusSeconds",
  price_cents as "priceCents" from public.pricing_tiers order by id`;

async function operate(world: World, { seed, ops }: RunOptions): Promise<Outcome> {
  const trace = createHash('sha256');
  let [op, name] = [0, 'begin'];
  let violation: Outcome['violation'] = null;
  try {
    for (let index = 0; index < KIOSKS; index += 1) await world.place(index);
    for (op = 1; op <= ops; op += 1) {
      world.beginOp(op);
      const operation = choose(world.random);
      name = operation.name;
      await operation(world);
      await world.settle();
      await faults.reviveDead(world);
      checkQuick(world);
      if (op % CHECK_ALL_EVERY === 0) await checkAll(world);
      trace.update(`${op} ${name} ${world.desk.answers} ${world.history.at(-1)}\n`);
    }
    [op, name] = [ops, 'heal'];
    await heal(world);
    checkQuick(world);
  } catch (error) {
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const where = error instanceof Error && error.name !== 'Violation' ? [error.stack ?? ''] : [];
    violation = { op, operation: name, what, history: [...world.history, ...where] };
  }
  const seen = summary(world);
  for (const station of world.stations) station.scrap();
  const talkedSeconds = [...world.witness.talkSeconds.values()].reduce((sum, seconds) => sum + seconds, 0);
  const parkedRows = [...world.desk.state.streams.values()].reduce((sum, one) => sum + one.parked.length, 0);
  const fingerprint = trace.digest('hex').slice(0, 16);
  return {
    seed,
    ops: Math.min(op, ops),
    violation,
    fingerprint,
    answers: world.desk.answers,
    talkedSeconds,
    parkedRows,
    seen,
  };
}

function summary(world: World): Record<string, number> {
  const seen = new Map(world.desk.seen);
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  for (const { parked } of world.desk.state.streams.values()) {
    for (const { reason } of parked) count(`parked ${reason}`);
  }
  for (const talkIds of world.witness.talksOfLease.values())
    if (talkIds.size > 1) count('lease of several talks');
  for (const { status } of world.desk.state.leases.values()) count(`lease ${status}`);
  for (const station of world.stations) for (const _ of station.store.quarantined) count('log set aside');
  return Object.fromEntries([...seen].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const TOTAL_WEIGHT = OPERATIONS.reduce((sum, [weight]) => sum + weight, 0);

function choose(random: Random): Operation {
  let at = random.next() * TOTAL_WEIGHT;
  for (const [weight, operation] of OPERATIONS) {
    at -= weight;
    if (at < 0) return operation;
  }
  return talks.talk;
}
