import { describe, expect, it } from 'vitest';
import { normalizeCode } from '../../../src-shared/activation-code.ts';
import { caretAfter, codeSymbols, grouped } from './code-entry.ts';

describe('a code while it is typed', () => {
  it.each([
    ['', ''],
    ['abc', 'ABC'],
    ['abcd', 'ABCD'],
    ['abcde', 'ABCD-E'],
    ['7k4m x9q2 h3vt', '7K4M-X9Q2-H3VT'],
    ['  7K4M-X9Q2-H3VT\n', '7K4M-X9Q2-H3VT'],
    ['7K4MX9Q2H3VT99', '7K4M-X9Q2-H3VT'],
    ['ilou', '110V'],
    ['Ü!é7', '7'],
  ])('%j is shown as %j', (typed, shown) => expect(grouped(codeSymbols(typed))).toBe(shown));

  it('reads like the rest of the product', () => {
    const typed = 'oiLu-7k4m-x9q2';
    expect(codeSymbols(typed)).toBe(normalizeCode(typed));
  });

  it('keeps the caret behind the symbol that was typed', () => {
    const text = grouped('ABCDEFGHJK');
    for (const [before, symbol] of [
      [1, 'A'],
      [4, 'D'],
      [5, 'E'],
      [8, 'H'],
      [9, 'J'],
    ] as const) {
      expect(text[caretAfter(before) - 1]).toBe(symbol);
    }
    expect(caretAfter(0)).toBe(0);
  });
});
