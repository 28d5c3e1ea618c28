/**
 * `npm run sim`: the whole life of the product's money and time, by seed, on the real SQL and the real store.
 *   npm run sim -- --seed 7 --ops 10000     one run; the same seed is the same run
 *   npm run sim -- --seeds 1-100 --ops 10000
 *   npm run sim -- --seed 7 --seen          also what was seen how often
 *   npm run sim -- --mutations              eleven broken variants, each must be caught
 * Exit code 1 when anything was wrong.
 */
import { parseArgs } from 'node:util';
import { MUTATIONS, tryMutation } from './mutations.ts';
import { type Outcome, run } from './run.ts';
import { SimServer } from './server.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string' },
    ops: { type: 'string', default: '1000' },
    seen: { type: 'boolean', default: false },
    mutations: { type: 'boolean', default: false },
  },
});

function seedsWanted(): number[] {
  const [from = 0, to = from] = (values.seeds ?? values.seed).split('-').map(Number);
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || to < from) {
    throw new Error('Give --seed N or --seeds A-B.');
  }
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function report(
  { seed, ops, violation, answers, talkedSeconds, parkedRows, fingerprint }: Outcome,
  ms: number,
): void {
  if (violation) {
    console.log(violation.history.join('\n'));
    console.log(`violation: seed=${seed} op=${violation.op} (${violation.operation}): ${violation.what}`);
  }
  const seconds = (ms / 1000).toFixed(1);
  console.log(
    `seed=${seed} answers=${answers} talked_seconds=${talkedSeconds} parked_rows=${parkedRows} fingerprint=${fingerprint} took=${seconds}s`,
  );
  console.log(`sim: seed=${seed} ops=${ops} violations=${violation ? 1 : 0}`);
}

function showSeen(seen: Outcome['seen']): void {
  for (const [what, count] of Object.entries(seen)) console.log(`${String(count).padStart(7)}  ${what}`);
}

/** Each broken variant must be noticed; returns how many were not. */
async function mutationsMissed(server: SimServer): Promise<number> {
  const plan = { seeds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], ops: 1_000 };
  let caught = 0;
  for (const mutation of MUTATIONS) {
    const { name, outcome, runs } = await tryMutation(server, mutation, plan);
    const { violation, seed } = outcome ?? {};
    const how = violation
      ? `seed ${seed}, operation ${violation.op}: ${violation.what.slice(0, 90)}`
      : 'NOT CAUGHT';
    console.log(`${name.padEnd(52)} ${String(runs).padStart(2)} runs  ${how}`);
    if (violation) caught += 1;
  }
  console.log(`mutations: ${caught} caught of ${MUTATIONS.length}`);
  return MUTATIONS.length - caught;
}

/** Runs each seed; returns how many runs went wrong. */
async function seedsFailed(server: SimServer): Promise<number> {
  let failed = 0;
  for (const seed of seedsWanted()) {
    const beganAt = performance.now();
    const outcome = await run({ server, seed, ops: Number(values.ops) });
    if (values.seen) showSeen(outcome.seen);
    report(outcome, performance.now() - beganAt);
    if (outcome.violation) failed += 1;
  }
  return failed;
}

const server = await SimServer.start();
try {
  const wrong = values.mutations ? await mutationsMissed(server) : await seedsFailed(server);
  process.exitCode = wrong > 0 ? 1 : 0;
} finally {
  await server.stop();
}
