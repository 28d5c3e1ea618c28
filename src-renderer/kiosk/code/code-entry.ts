/**
 * A code while it is being typed or pasted: upper case, the look-alikes forgiven as in src-shared/activation-code.ts,
 * everything else left out, shown in groups of four. Pure, so that keyboard, paste and screen keys behave alike.
 */
import { CODE_ALPHABET, CODE_LENGTH } from '../../../src-shared/activation-code.ts';

const FORGIVEN: Readonly<Record<string, string>> = { I: '1', L: '1', O: '0', U: 'V' };

/** The symbols of a code in `text`, at most twelve. */
export function codeSymbols(text: string): string {
  let symbols = '';
  for (const letter of text.toUpperCase()) {
    const symbol = FORGIVEN[letter] ?? letter;
    if (CODE_ALPHABET.includes(symbol)) symbols += symbol;
    if (symbols.length === CODE_LENGTH) break;
  }
  return symbols;
}

/** `ABCD-EFGH-J`: a dash before each next group, none at the end. */
export function grouped(symbols: string): string {
  return symbols.match(/.{1,4}/g)?.join('-') ?? '';
}

/** Where the caret belongs in the grouped text when it stood after `symbolsBefore` symbols. */
export function caretAfter(symbolsBefore: number): number {
  return symbolsBefore + Math.floor(Math.max(0, symbolsBefore - 1) / 4);
}
