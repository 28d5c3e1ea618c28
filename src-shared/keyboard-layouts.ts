/**
 * Keyboard layouts that a scanner and the computer behind it may disagree about. A scanner sends keys, not letters: one
 * set to AZERTY presses the key that bears A in France, and an American computer reads Q. Promises: pure.
 */

/** The keys of the four rows from left to right, alone and with Shift; the same key at the same place of each. */
const LAYOUTS = {
  us: {
    alone: `1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./`,
    shift: `!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>?`,
  },
  azerty: {
    alone: `&é"'(-è_çà)=azertyuiop^$qsdfghjklmùwxcvbn,;:!`,
    shift: `1234567890°+AZERTYUIOP¨£QSDFGHJKLM%WXCVBN?./§`,
  },
  qwertz: {
    alone: `1234567890ß´qwertzuiopü+asdfghjklöäyxcvbnm,.-`,
    shift: `!"§$%&/()=?\`QWERTZUIOPÜ*ASDFGHJKLÖÄYXCVBNM;:_`,
  },
} as const;
type Layout = keyof typeof LAYOUTS;

/** Either the scanner is still as it left its factory (US) and the computer is not, or the other way round. */
const DISAGREEMENTS: readonly { scanner: Layout; computer: Layout }[] = [
  { scanner: 'azerty', computer: 'us' },
  { scanner: 'qwertz', computer: 'us' },
  { scanner: 'us', computer: 'azerty' },
  { scanner: 'us', computer: 'qwertz' },
];

/** What the text was before each disagreement that could have made it. */
export function layoutsUndone(text: string): string[] {
  return DISAGREEMENTS.flatMap(({ scanner, computer }) => translated(text, computer, scanner) ?? []);
}

/** What is read under the layout `to` when the keys were pressed that write `text` under `from`; undefined: no key. */
export function translated(text: string, from: Layout, to: Layout): string | undefined {
  let result = '';
  for (const letter of text.normalize('NFC')) {
    const level = LAYOUTS[from].alone.includes(letter) ? 'alone' : 'shift';
    const key = LAYOUTS[from][level].indexOf(letter);
    if (key === -1) return undefined;
    result += LAYOUTS[to][level].charAt(key);
  }
  return result;
}
