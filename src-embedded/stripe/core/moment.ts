/**
 * What a pure transition needs from outside: the time and fresh ids. Both are handed in, so that the same inputs give
 * the same objects in a test.
 */
import { randomInt } from 'node:crypto';

export const API_VERSION = '2026-10-28.endive';

/** Prefixes of Stripe ids that the sandbox hands out. */
export type IdPrefix =
  | 'pi'
  | 'ch'
  | 're'
  | 'dp'
  | 'pm'
  | 'evt'
  | 'we'
  | 'tmr'
  | 'req'
  | 'li'
  | 'price'
  | 'prod'
  | 'cs_test'
  | 'whsec';

export interface Moment {
  /** Unix time in whole seconds. */
  nowSeconds: number;
  newId(prefix: IdPrefix): string;
  /** Random part of a client secret. */
  newSecret(): string;
  /** Where people reach the hosted pages, without a trailing slash. */
  publicUrl: string;
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 24;
const SESSION_ID_LENGTH = 58;

/** Letters and digits, about 5.95 bits each. */
export function randomText(length: number): string {
  return Array.from({ length }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
}

/** The moment of a running process. */
export function momentNow(publicUrl: string, nowMs: number): Moment {
  return {
    nowSeconds: Math.floor(nowMs / 1000),
    newId: (prefix) => `${prefix}_${randomText(prefix === 'cs_test' ? SESSION_ID_LENGTH : ID_LENGTH)}`,
    newSecret: () => randomText(ID_LENGTH),
    publicUrl,
  };
}
