/** Chance that can be had again: the same seed and name give the same numbers on every machine. */
import { createHash } from 'node:crypto';

export interface Chance {
  /** 0 ≤ x < 1. */
  next(): number;
  /** A whole number, both ends included. */
  between(low: number, high: number): number;
  /** True so often. */
  happens(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
}

/** @param name what the numbers are for, so that one more use somewhere changes no other */
export function chanceOf(seed: number, name: string): Chance {
  let state = createHash('sha256').update(`${seed}:${name}`).digest().readUInt32LE(0);
  // Mulberry32: small, fast, and even enough for choosing when to kill.
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between,
    happens: (probability) => next() < probability,
    pick: (items) => {
      const item = items[between(0, items.length - 1)];
      if (item === undefined) throw new Error('nothing to choose from');
      return item;
    },
  };
}
