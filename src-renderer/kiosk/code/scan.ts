/**
 * Keys that came one after the other, read as a whole: a scanner that types through another keyboard layout, or types
 * an address, gives its code instead of leaving some letters of it in the field. Pure; times in milliseconds on one
 * clock.
 */
import { mayBecomeCode, normalizeCode } from '../../../src-shared/activation-code.ts';

/** A longer pause, and what follows is something new. */
const LONGEST_PAUSE_MS = 500;
/** A slow scanner needs about 20 ms for a key; no finger is that fast again and again. */
const SCANNER_KEY_MS = 50;
/** Fewer keys in such haste may be a hand that rolls over the keys. */
const FEWEST_KEYS = 8;

export interface Burst {
  text: string;
  beganAtMs: number;
  lastAtMs: number;
}

/** The burst after another key that writes `letter`; a new one after a pause. */
export function withLetter(burst: Burst | undefined, letter: string, atMs: number): Burst {
  if (!burst || hasPaused(burst, atMs)) return { text: letter, beganAtMs: atMs, lastAtMs: atMs };
  return { ...burst, text: burst.text + letter, lastAtMs: atMs };
}

export function hasPaused(burst: Burst, atMs: number): boolean {
  return atMs - burst.lastAtMs > LONGEST_PAUSE_MS;
}

/**
 * What a burst is. `code`: all of it reads as one. `unreadable`: a scanner wrote it and it is none. `typed`: a person's
 * keys, or too few yet.
 */
export function readBurst({
  text,
  beganAtMs,
  lastAtMs,
}: Burst): { is: 'code'; code: string } | { is: 'unreadable' | 'typed' } {
  const code = normalizeCode(text);
  if (code) return { is: 'code', code };
  if (text.length < FEWEST_KEYS || mayBecomeCode(text)) return { is: 'typed' };
  return { is: (lastAtMs - beganAtMs) / (text.length - 1) <= SCANNER_KEY_MS ? 'unreadable' : 'typed' };
}
