import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODE_ALPHABET, formatCode, mayBecomeCode, normalizeCode, symbolsIn } from './activation-code.ts';
import { translated } from './keyboard-layouts.ts';

const anyCode = fc.string({ unit: fc.constantFrom(...CODE_ALPHABET), minLength: 12, maxLength: 12 });
/** A code that is no number and no word of a sentence by its looks. */
const CODE = 'ABCDEFGHJKMN';
const WITH_DIGITS = '7K4MX9Q2H3VT';

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
    for (const typed of ['', '1234', '0000-0000-0000-0', '0000-0000-000!', '０000-0000-000Я']) {
      expect(normalizeCode(typed)).toBeUndefined();
    }
  });
});

/** Ten digits of every decimal script that this engine writes; some write outside of Unicode's decimal digits. */
const SCRIPTS = Intl.supportedValuesOf('numberingSystem')
  .map((name) => ({
    name,
    digits: [...Array(10).keys()].map((digit) =>
      new Intl.NumberFormat(`en-u-nu-${name}`, { useGrouping: false }).format(digit),
    ),
  }))
  .filter(({ digits }) => digits.every((digit) => /^\p{Nd}$/u.test(digit)));

describe('codes in other writing', () => {
  it.each([
    ['full width', 'ＡＢＣＤ－ＥＦＧＨ－ＪＫＭＮ', CODE],
    ['full width, small', 'ａｂｃｄ　ｅｆｇｈ　ｊｋｍｎ', CODE],
    ['Arabic-Indic digits', '٠١٢٣-٤٥٦٧-٨٩٠١', '012345678901'],
    ['Persian digits among letters', '۷K۴M-X۹Q۲-H۳VT', WITH_DIGITS],
    ['Devanagari digits among letters', '७K४M-X९Q२-H३VT', WITH_DIGITS],
    ['a capital I with its dot', 'İİİİ-ABCD-EFGH', '1111ABCDEFGH'],
    ['the same in small letters, as other languages make it', 'İİİİ-ABCD-EFGH'.toLowerCase(), '1111ABCDEFGH'],
    ['an i without a dot', 'ıııı-abcd-efgh', '1111ABCDEFGH'],
    ['a long dash', 'ABCD—EFGH—JKMN', CODE],
    ['a dash that does not break', 'ABCD\u2011EFGH\u2011JKMN', CODE],
    ['a minus sign', 'ABCD−EFGH−JKMN', CODE],
    ['the long mark of a Japanese keyboard', 'ABCDーEFGHーJKMN', CODE],
    ['spaces that do not break', 'ABCD\u00a0EFGH\u202fJKMN', CODE],
    ['zero-width spaces and a byte-order mark', '\ufeffABCD\u200bEFGH\u200dJKMN', CODE],
    ['marks of direction around it', '\u2067ABCD-EFGH-JKMN\u2069\u200f', CODE],
    ['soft hyphens', 'ABCD\u00adEFGH\u00adJKMN', CODE],
    ['line ends', 'ABCD-\r\nEFGH-\r\nJKMN\r\n', CODE],
  ])('reads %s', (_what, given, code) => expect(normalizeCode(given)).toBe(code));

  it('reads the digits of every script', () => {
    expect(SCRIPTS.length).toBeGreaterThan(60);
    for (const { name, digits } of SCRIPTS) {
      const own = (code: string) => code.replace(/\d/g, (digit) => digits[Number(digit)] ?? '');
      expect(normalizeCode(own(formatCode(WITH_DIGITS))), name).toBe(WITH_DIGITS);
      expect(normalizeCode(own('0123-4567-8989')), name).toBe('012345678989');
    }
  });

  it('never takes a letter of another script for one of ours', () => {
    for (const given of ['АВСD-EFGH-JKMN', 'ÀBCD-EFGH-JKMN', 'ßBCD-EFGH-JKM', '１２３４-ABCD-EFGé']) {
      expect(normalizeCode(given), given).toBeUndefined();
    }
  });
});

describe('a code within a longer text', () => {
  it.each([
    ['Your code: ABCD-EFGH-JKMN'],
    ['Your code ABCD-EFGH-JKMN'],
    ['Your code: ABCD EFGH JKMN'],
    ['Your code ABCD EFGH JKMN'],
    ['Ihr Code lautet ABCDEFGHJKMN.'],
    ['Votre code : abcd-efgh-jkmn, merci'],
    ['Su código:\nABCD – EFGH – JKMN\nGuárdelo bien.'],
    ['رمزك: \u2066ABCD-EFGH-JKMN\u2069'],
    ['コード：ＡＢＣＤ－ＥＦＧＨ－ＪＫＭＮ'],
    ['https://kiosk.example/?code=ABCD-EFGH-JKMN'],
    ['https://kiosk.example/c/abcdefghjkmn?from=slip'],
    ['https://some-shop-name.example/#ABCD-EFGH-JKMN'],
    ['conversation ABCD-EFGH-JKMN'],
    ['Batch 123e4567-e89b-12d3-a456-426614174000, code ABCD-EFGH-JKMN'],
    ['2026 1127 0930: ABCD-EFGH-JKMN'],
    ['ABCD-EFGH-JKMN ABCD-EFGH-JKMN'],
  ])('%j', (given) => expect(normalizeCode(given)).toBe(CODE));

  it('is found in any sentence around it', () => {
    const word = fc.constantFrom('Your', 'code', 'is', 'Ihr', 'Karte:', 'time', 'card', '12', 'min,', 'رمزك');
    const words = fc.array(word, { minLength: 1, maxLength: 6 }).map((all) => all.join(' '));
    const mixed = anyCode.filter((code) => /\d/.test(code) && /[A-Z]/.test(code));
    fc.assert(
      fc.property(words, mixed, words, (before, code, after) => {
        expect(normalizeCode(`${before} ${formatCode(code)} ${after}`)).toBe(code);
      }),
    );
  });

  it('is not made up from what holds none, or more than one', () => {
    for (const given of [
      'https://relay.example/r/AbCdEfGhJkMn-12345678_',
      'https://relay.example/r/abcd-efgh-jkmn_1234567',
      '123e4567-e89b-12d3-a456-426614174000',
      'ABCDEFGHJKMN99',
      'ABCD-EFGH-JKMN-PQRS',
      'ABCD-EFGH-JKMN or 7K4M-X9Q2-H3VT',
      'here abcd efgh jkmn',
      'x'.repeat(1_001),
      `${' '.repeat(1_000)}ABCD-EFGH-JKMN`,
    ]) {
      expect(normalizeCode(given), given).toBeUndefined();
    }
  });

  it('answers at once whatever it is given', () => {
    const hostile = ['-', 'A-', 'ABCD-', 'ABCD-EFGH-', ' -', '\u200b', 'a://', '٣'].map((part) =>
      part.repeat(Math.floor(1_000 / part.length)),
    );
    const beganAtMs = performance.now();
    for (const given of hostile) normalizeCode(given);
    expect(performance.now() - beganAtMs).toBeLessThan(1_000);
    const anyText = fc
      .array(fc.integer({ min: 0, max: 0x10ffff }))
      .map((all) => String.fromCodePoint(...all));
    fc.assert(
      fc.property(anyText, (given) => {
        const code = normalizeCode(given);
        expect(code === undefined || (code.length === 12 && normalizeCode(code) === code)).toBe(true);
      }),
    );
  });
});

describe('a code scanned through another keyboard layout', () => {
  const DISAGREEMENTS = [
    ['azerty', 'us', 'QBCD6EFGH6JK:N'],
    ['qwertz', 'us', 'ABCD/EFGH/JKMN'],
    ['us', 'azerty', 'QBCD)EFGH)JK?N'],
    ['us', 'qwertz', 'ABCDßEFGHßJKMN'],
  ] as const;

  it.each(DISAGREEMENTS)('scanner %s, computer %s', (scanner, computer, seen) => {
    expect(translated(formatCode(CODE), scanner, computer)).toBe(seen);
    fc.assert(
      fc.property(anyCode, (code) => {
        for (const scanned of [formatCode(code), formatCode(code).toLowerCase()]) {
          expect(normalizeCode(translated(scanned, scanner, computer) ?? '')).toBe(code);
        }
      }),
    );
  });

  it('is not guessed where the text has lost its dashes', () => {
    for (const seen of ['QBCDEFGHJK:N', '!@#$%^&*()!@']) {
      expect(normalizeCode(seen), seen).toBeUndefined();
    }
  });
});

describe('a code still being typed', () => {
  it('shows each symbol as it will be read', () => {
    fc.assert(
      fc.property(anyCode, fc.nat(12), (code, length) => {
        const typed = formatCode(code).slice(0, length).toLowerCase();
        expect(symbolsIn(typed)).toBe(typed.replaceAll('-', '').toUpperCase());
        expect(mayBecomeCode(typed)).toBe(true);
      }),
    );
  });

  it.each([
    ['Your code', true],
    ['ABCD-EFGH-J', true],
    ['', true],
    ['hello world, all of you', false],
    ['ABCD!', false],
    ['QBCD6EFGH6JKPN', false],
  ])('%j may become one: %s', (typed, may) => expect(mayBecomeCode(typed)).toBe(may));
});
