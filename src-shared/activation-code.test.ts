import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODE_ALPHABET, formatCode, normalizeCode } from './activation-code.ts';

const anyCode = fc.string({ unit: fc.constantFrom(...CODE_ALPHABET), minLength: 12, maxLength: 12 });

describe('activation codes as typed', () => {
  it('gives back the same code however it is grouped or cased', () => {
    fc.assert(
      fc.property(anyCode, (code) => {
        expect(normalizeCode(formatCode(code))).toBe(code);
        expect(normalizeCode(` ${formatCode(code).toLowerCase()} `)).toBe(code);
      }),
    );
  });

  it('forgives the letters that look like digits', () => {
    expect(normalizeCode('oiLu-0000-0000')).toBe('011V00000000');
  });

  it('refuses text of another length or with other symbols', () => {
    for (const typed of ['', '1234', '0000-0000-0000-0', '0000-0000-000!', '０000-0000-0000']) {
      expect(normalizeCode(typed)).toBeUndefined();
    }
  });
});
