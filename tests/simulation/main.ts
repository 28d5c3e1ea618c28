/**
 * `npm run sim`: the whole life of the product's money and time, by seed, on the real SQL and the real store.
 * Exit code 1 when anything was wrong.
 */
import { commandLine, refuse, wholeNumber } from '../support/common/command-line.ts';
import { MUTATIONS, tryMutation } from './mutations.ts';
import { type Outcome, run } from './run.ts';
import { SimServer } from './server.ts';

const USAGE = `The whole life of money and time, by seed.
  npm run sim -- --seed 7 --ops 10000        one run; the same seed is the same run
  npm run sim -- --seeds 1-100 --ops 10000   many
  npm run sim -- --seed 7 --seen             also what was seen how often
  npm run sim -- --mutations                 ${MUTATIONS.length} broken variants, each must be caught`;

const { values } = commandLine(USAGE, {
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string' },
    ops: { type: 'string', default: '1000' },
    seen: { type: 'boolean', default: false },
    mutations: { type: 'boolean', default: false },
  },
});

const ops = wholeNumber('ops', values.ops);
const seeds = seedsWanted();

function seedsWanted(): number[] {
  if (values.seeds === undefined) return [wholeNumber('seed', values.seed, 0)];
  const [from = '', to = '', ...more] = values.seeds.split('-');
  if (to === '' || more.length > 0) return refuse('--seeds takes the first and the last one: --seeds 1-100');
  const [first, last] = [wholeNumber('seeds', from, 0), wholeNumber('seeds', to, 0)];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
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
  for (const seed of seeds) {
    const beganAt = performance.now();
    const outcome = await run({ server, seed, ops });
    if (values.seen) showSeen(outcome.seen);
    report(outcome, performance.now() - beganAt);
    if (outcome.violation) failed += 1;
  }
  if (seeds.length > 1) console.log(`sim: seed=${values.seeds} ops=${ops} violations=${failed}`);
  return failed;
}

const server = await SimServer.start();
try {
  const wrong = values.mutations ? await mutationsMissed(server) : await seedsFailed(server);
  process.exitCode = wrong > 0 ? 1 : 0;
} finally {
  await server.stop();
}
