/**
 * A code while it is being typed or pasted: read as everywhere (src-shared/activation-code.ts), shown in groups of
 * four. Pure, so that keyboard, paste and screen keys behave alike.
 */
import { CODE_LENGTH, normalizeCode, symbolsIn } from '../../../src-shared/activation-code.ts';

/** The code in `text`, else the symbols that one may be made of, at most twelve. */
export function codeSymbols(text: string): string {
  return normalizeCode(text) ?? symbolsIn(text).slice(0, CODE_LENGTH);
}

/** `ABCD-EFGH-J`: a dash before each next group, none at the end. */
export function grouped(symbols: string): string {
  return symbols.match(/.{1,4}/g)?.join('-') ?? '';
}

/** Where the caret belongs in the grouped text when it stood after `symbolsBefore` symbols. */
export function caretAfter(symbolsBefore: number): number {
  return symbolsBefore + Math.floor(Math.max(0, symbolsBefore - 1) / 4);
}
