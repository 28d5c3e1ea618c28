import { describe, expect, it } from 'vitest';
import { type Burst, readBurst, withLetter } from './scan.ts';

/** Keys `gapMs` apart, after those of an earlier burst. */
function typed(text: string, gapMs: number, before?: Burst): Burst {
  let burst = before;
  [...text].forEach((letter, index) => {
    burst = withLetter(burst, letter, 1_000 + index * gapMs);
  });
  if (!burst) throw new Error('no key');
  return burst;
}
const CODE = { is: 'code', code: 'ABCDEFGHJKMN' };

describe('keys one after the other', () => {
  it.each(['ABCD-EFGH-JKMN', 'QBCD6EFGH6JK:N', 'https://kiosk.example/?code=ABCD-EFGH-JKMN'])(
    'that write %j are the code, however slow the scanner',
    (text) => {
      for (const gapMs of [0, 1, 20, 60, 120]) expect(readBurst(typed(text, gapMs))).toEqual(CODE);
    },
  );

  it.each(['QBC!EFGHJK:N', 'ABCD-EFGH-JKMN-9', 'hello, this is a price tag'])(
    'that write %j in haste came from a scanner, and can’t be read',
    (text) => {
      expect(readBurst(typed(text, 20))).toEqual({ is: 'unreadable' });
      expect(readBurst(typed(text, 90))).toEqual({ is: 'typed' });
    },
  );

  it('are still being typed while they may become a code, however fast', () => {
    for (const text of ['A', 'ABC!', 'ABCD-EFGH-JKM']) {
      expect(readBurst(typed(text, 5))).toEqual({ is: 'typed' });
    }
  });

  it('are read from the first one after a pause', () => {
    const before = { text: 'XY', beganAtMs: 100, lastAtMs: 400 };
    expect(readBurst(typed('ABCD-EFGH-JKMN', 10, before))).toEqual(CODE);
  });
});
