/**
 * Activation codes as people type them: 12 symbols of Crockford base32 (60 bits), shown XXXX-XXXX-XXXX (spec §2,
 * design §3). Forgives case, spaces, dashes and the letters I, L, O, U that are easily mistaken. How a code is derived
 * and looked up needs a key and lives in the relay.
 */

/** Crockford's alphabet: digits and letters without I, L, O, U. */
export const CODE_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const CODE_LENGTH = 12;

/** Letters that Crockford leaves out, read as what they look like (U as V: the shape next to it). */
const FORGIVEN: Readonly<Record<string, string>> = { I: '1', L: '1', O: '0', U: 'V' };

/**
 * Brings typed text to the canonical 12 symbols, or undefined when it can't be a code.
 * Separators (spaces, dashes, dots, underscores) are ignored.
 */
export function normalizeCode(typed: string): string | undefined {
  const letters = typed.toUpperCase().replace(/[\s\-‐-―._]/g, '');
  if (letters.length !== CODE_LENGTH) return undefined;
  let code = '';
  for (const letter of letters) {
    const symbol = FORGIVEN[letter] ?? letter;
    if (!CODE_ALPHABET.includes(symbol)) return undefined;
    code += symbol;
  }
  return code;
}

/** Three groups of four: `XXXX-XXXX-XXXX`. Takes a canonical code. */
export function formatCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4, 8)}-${code.slice(8, 12)}`;
}
