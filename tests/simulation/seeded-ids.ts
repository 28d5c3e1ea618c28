/** Ids by seed: what the product draws from node:crypto repeats too. */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import type { Random } from '../support/common/random.ts';

/** Lets `randomUUID()` of node:crypto draw from `random` for as long as `work` runs: lease ids and epochs repeat too. */
export async function withSeededIds<T>(random: Random, work: () => Promise<T>): Promise<T> {
  const original = crypto.randomUUID;
  crypto.randomUUID = () => random.uuid();
  syncBuiltinESMExports();
  try {
    return await work();
  } finally {
    crypto.randomUUID = original;
    syncBuiltinESMExports();
  }
}
