/** Chance by seed: the same seed gives the same choices, ids included, on every machine. */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 ≤ x < 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `min` to `max`, both possible. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of them, or undefined when there is none. */
  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.next() * list.length)];
  }

  /** One of a fixed, filled list. */
  oneOf<T>(...list: [T, ...T[]]): T {
    return list[Math.floor(this.next() * list.length)] ?? list[0];
  }

  uuid(): `${string}-${string}-${string}-${string}-${string}` {
    let hex = '';
    for (let part = 0; part < 4; part += 1) {
      hex += Math.floor(this.next() * 2 ** 32)
        .toString(16)
        .padStart(8, '0');
    }
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }
}

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
