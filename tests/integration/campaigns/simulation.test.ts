/**
 * A short run of the simulation (`npm run sim` is the long one): two lives by seed in which everything goes wrong and
 * nothing may be lost, doubled or overspent; the same seed goes the same way; and two broken variants are noticed.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MUTATIONS, tryMutation } from '../../simulation/mutations.ts';
import { run } from '../../simulation/run.ts';
import { SimServer } from '../../simulation/server.ts';

let server: SimServer;
beforeAll(async () => {
  server = await SimServer.start();
});
afterAll(async () => {
  await server?.stop();
});

it.each([11, 12])('seed %i: nothing is lost, doubled or overspent', async (seed) => {
  const outcome = await run({ server, seed, ops: 300 });
  expect(outcome.violation).toBeNull();
  expect(outcome.talkedSeconds).toBeGreaterThan(100);
});

it('goes the same way again under the same seed', async () => {
  const [first, second] = [
    await run({ server, seed: 13, ops: 80 }),
    await run({ server, seed: 13, ops: 80 }),
  ];
  expect(second).toEqual(first);
});

it.each(['a payment told twice is fulfilled twice', 'a second counts before it is on the disk'])(
  'notices when %s',
  async (name) => {
    const mutation = MUTATIONS.find((one) => one.name === name);
    if (!mutation) throw new Error(`There is no mutation "${name}".`);
    const { outcome } = await tryMutation(server, mutation, { seeds: [1, 2, 3], ops: 300 });
    expect(outcome?.violation).toMatchObject({ what: expect.stringMatching(/^Violation/) });
  },
);

it('refuses to break a function whose text has changed', async () => {
  const sqlMutation = { function: 'app.lock_wallet', find: 'no such text', replace: '' };
  await expect(run({ server, seed: 1, ops: 1, sqlMutation })).rejects.toThrow(/does not hold this text once/);
});
