/**
 * Takes a growing text apart into words, one after the other. Promises: a word is given out once its end and the
 * character after it are known, so that nothing depends on how the text arrived; Chinese and Japanese, which has no
 * spaces, is cut after its marks; a longer run without any is cut between words as the platform knows them, never within
 * a character. Pure.
 */
import { EAST_ASIAN, EAST_ASIAN_CLOSERS, EAST_ASIAN_MARKS } from './sentence-ends.ts';

export interface Word {
  /** With its punctuation, without white space. */
  word: string;
  /** The white space after it, shortened. */
  gap: string;
  /** The first character of the next word; empty where the text ends. */
  next: string;
  /** Characters of the text that it takes. */
  length: number;
}

/** A longer run of characters without a space is no word: a script without spaces, or nothing to be read. */
const WORD_CHARACTERS = 60;
/** So far is looked for the end of a word: its mark may be several characters. */
const LOOK_CHARACTERS = WORD_CHARACTERS + 40;
/** White space beyond this is not heard. */
const GAP_CHARACTERS = 2;

const CLOSER = `[${escaped(EAST_ASIAN_CLOSERS)}]`;
const CLOSERS = `${CLOSER}{0,5}`;
/** Ends a word: white space, a mark of its script, or a Western mark within that script. */
const WORD_END = new RegExp(
  `(?<mark>[${EAST_ASIAN_MARKS}]+${CLOSERS}|[!?…]{1,20}${CLOSERS}(?!${CLOSER})(?=[${EAST_ASIAN}])|(?=\\s))`,
  'u',
);
/** Characters that may still turn out to be the end of a word that began before them. */
const ONLY_MARKS = new RegExp(`^[!?…${escaped(EAST_ASIAN_CLOSERS)}]*$`, 'u');

const byWord = new Intl.Segmenter('und', { granularity: 'word' });
const byCharacter = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** The first word of the text, which begins without white space; undefined while it may still go on. */
export function nextWord(text: string, isEnd: boolean): Word | undefined {
  const end = WORD_END.exec(text.slice(0, LOOK_CHARACTERS));
  if ((end?.index ?? text.length) > WORD_CHARACTERS) {
    return longRun(text, isEnd || end !== null || text.length >= LOOK_CHARACTERS);
  }
  if (end) {
    const word = text.slice(0, end.index) + (end.groups?.['mark'] ?? '');
    const [gap = ''] = /^\s+/.exec(text.slice(word.length)) ?? [];
    const length = word.length + gap.length;
    const next = firstCharacter(text.slice(length));
    if (!isEnd && isUnfinished(next)) return undefined;
    return { word, gap: gap.slice(0, GAP_CHARACTERS), next, length };
  }
  return isEnd && text !== '' ? { word: text, gap: '', next: '', length: text.length } : undefined;
}

function longRun(text: string, isKnown: boolean): Word | undefined {
  if (!isKnown && ONLY_MARKS.test(text.slice(WORD_CHARACTERS))) return undefined;
  // Half a character at the end would be taken for the beginning of the next one.
  const run = text.slice(0, WORD_CHARACTERS).replace(/[\ud800-\udbff]$/, '');
  const length = lastStart(byWord, run) || lastStart(byCharacter, run) || run.length;
  return { word: text.slice(0, length), gap: '', next: firstCharacter(text.slice(length)), length };
}

/** Where the last segment begins: it may be unfinished. */
function lastStart(segmenter: Intl.Segmenter, run: string): number {
  return Array.from(segmenter.segment(run)).at(-1)?.index ?? 0;
}

function firstCharacter(text: string): string {
  const code = text.codePointAt(0);
  return code === undefined ? '' : String.fromCodePoint(code);
}

/** Nothing yet, or half a character. */
function isUnfinished(character: string): boolean {
  return character === '' || !character.isWellFormed();
}

function escaped(characters: string): string {
  return characters.replace(/[\]\\^-]/g, '\\$&');
}
