/**
 * Activation codes as people and scanners give them: 12 symbols of Crockford base32 (60 bits), shown XXXX-XXXX-XXXX.
 * Promises: one reading for page, station and relay; pure; it says nothing rather than guess. Keyboards that disagree
 * are undone in `keyboard-layouts.ts`. How a code is derived and looked up needs a key and lives in the relay.
 */
import { layoutsUndone } from './keyboard-layouts.ts';

/** Crockford's alphabet: digits and letters without I, L, O, U. */
export const CODE_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const CODE_LENGTH = 12;

/** Longer texts are not searched: nobody pastes a page to give a code. UTF-16 units. */
const LONGEST_TEXT = 1_000;

/** Letters that Crockford leaves out, read as what they look like (U as V: the shape next to it). */
const FORGIVEN: Readonly<Record<string, string>> = { I: '1', L: '1', O: '0', U: 'V' };

/** Between groups: white space, every dash (also minus, Katakana's long mark, Arabic's tatweel), dot, underscore. */
const DASH = String.raw`\p{Pd}_−⁃˗ー\u0640`;
const SEPARATORS = new RegExp(`[\\s${DASH}.·]`, 'gu');
/** What is never seen: zero-width spaces, joiners, marks of direction, soft hyphens. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;

/** Where a code stands in a longer text: surest way of writing first. Each finds overlapping places, too. */
const GROUP = '[0-9A-Z]{4}';
const BEFORE = `(?<![\\p{Script=Latin}\\p{N}][${DASH}]*)`;
const AFTER = `(?![${DASH}]*[\\p{Script=Latin}\\p{N}])`;
const WRITTEN = [`\\s*[${DASH}]\\s*`, '', '\\s'].map(
  (between) => new RegExp(`${BEFORE}(?=(${[GROUP, GROUP, GROUP].join(between)})${AFTER})`, 'giu'),
);
/** Scheme and host of an address: its words are no code. */
const ADDRESS_HEAD = /\b[a-z][a-z0-9+.-]*:\/\/[^/?#\s]*/gi;

/**
 * The code in what somebody typed, pasted or scanned: 12 canonical symbols, or undefined when there is none or it
 * can't be known which. Forgiven are case, separators, marks that nobody sees, full-width letters, the digits of every
 * script, the dotted and the dotless I, and the letters I, L, O, U. A code may stand in a sentence or in an address, and
 * may have been scanned through another keyboard layout.
 */
export function normalizeCode(given: string): string | undefined {
  if (given.length > LONGEST_TEXT) return undefined;
  const text = plainText(given);
  return symbolsOnly(text.replace(SEPARATORS, '')) ?? codeOfOtherLayout(given) ?? codeWithin(text);
}

/**
 * The symbols of a code that is still being typed, in their order; everything else is left out. Reads each symbol as
 * `normalizeCode` does.
 */
export function symbolsIn(typed: string): string {
  let symbols = '';
  for (const letter of plainText(typed)) symbols += symbolOf(letter) ?? '';
  return symbols;
}

/** Whether a text holds nothing but symbols and what may stand between them, and is no longer than a code. */
export function mayBecomeCode(typed: string): boolean {
  const letters = plainText(typed).replace(SEPARATORS, '');
  return letters.length <= CODE_LENGTH && symbolsIn(letters).length === letters.length;
}

/** Three groups of four: `XXXX-XXXX-XXXX`. Takes a canonical code. */
export function formatCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4, 8)}-${code.slice(8, 12)}`;
}

function symbolOf(letter: string): string | undefined {
  const capital = letter.toUpperCase();
  const symbol = FORGIVEN[capital] ?? capital;
  return symbol.length === 1 && CODE_ALPHABET.includes(symbol) ? symbol : undefined;
}

/** The code that a text without separators is, letter by letter. */
function symbolsOnly(letters: string): string | undefined {
  if (letters.length !== CODE_LENGTH) return undefined;
  const symbols = symbolsIn(letters);
  return symbols.length === CODE_LENGTH ? symbols : undefined;
}

/** One way to write each letter and digit (Unicode's compatibility form), and nothing invisible. */
function plainText(text: string): string {
  return (
    text
      .normalize('NFKC')
      .replace(INVISIBLE, '')
      // Turkish: a capital I with its dot, which other languages write as a small i with a dot added; ı needs nothing.
      .replace(/İ|i\u0307/g, 'I')
      .replace(/\p{Nd}/gu, (digit) => String(decimalValue(digit)))
  );
}

/** Value of a decimal digit of any script: Unicode puts the ten of a set side by side, 0 to 9; some sets adjoin. */
function decimalValue(digit: string): number {
  const at = digit.codePointAt(0) ?? 0;
  let zero = at;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return (at - zero) % 10;
}

interface Place {
  code: string;
  doubts: number;
}

/** The code in a longer text, when one place is surer than all the others. */
function codeWithin(text: string): string | undefined {
  const searched = text.replace(ADDRESS_HEAD, ' ');
  const places = WRITTEN.flatMap((written, index) =>
    [...searched.matchAll(written)].flatMap(([, found = '']) => placeOf(found, index)),
  );
  const fewest = Math.min(...places.map((place) => place.doubts));
  const surest = new Set(places.filter((place) => place.doubts === fewest).map((place) => place.code));
  return surest.size === 1 ? [...surest][0] : undefined;
}

/**
 * What speaks against a place, the heaviest first: letters no code of ours has (a word), digits alone (a number; one
 * code in a million), small and capital letters (a word beside a code), and last the less usual ways of writing.
 */
function placeOf(found: string, written: number): Place[] {
  const letters = found.replace(SEPARATORS, '');
  const code = symbolsOnly(letters);
  if (code === undefined) return [];
  const isForgiven = code !== letters.toUpperCase();
  const isNumber = /^\d+$/.test(letters);
  const isMixed = letters !== letters.toUpperCase() && letters !== letters.toLowerCase();
  return [{ code, doubts: 24 * +isForgiven + 12 * +isNumber + 6 * +isMixed + written }];
}

/** A code as our QR codes hold it, scanned through another keyboard layout: known by its dashes, which moved too. */
function codeOfOtherLayout(given: string): string | undefined {
  const written = layoutsUndone(given.trim()).find((text) => /^[0-9A-Z]{4}(-[0-9A-Z]{4}){2}$/i.test(text));
  const letters = written?.replaceAll('-', '').toUpperCase();
  return letters && letters === symbolsOnly(letters) ? letters : undefined;
}
