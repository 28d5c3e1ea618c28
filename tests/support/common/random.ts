/** Chance by seed: the same seed gives the same choices, ids included, on every machine. */
import { createHash } from 'node:crypto';

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

  /** One of a list. @throws RangeError when there is none */
  one<T>(list: readonly T[]): T {
    const item = this.pick(list);
    if (item === undefined) throw new RangeError('nothing to choose from');
    return item;
  }

  /** The same items in another order (Fisher-Yates). */
  shuffled<T>(list: readonly T[]): T[] {
    const mixed = [...list];
    for (let last = mixed.length - 1; last > 0; last -= 1) {
      const [item] = mixed.splice(this.int(0, last), 1);
      mixed.push(item as T);
    }
    return mixed;
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

/** Chance for one use, by its name, so that one more use somewhere changes no other. */
export function randomFor(seed: number, name: string): Random {
  return new Random(createHash('sha256').update(`${seed}:${name}`).digest().readUInt32LE(0));
}
