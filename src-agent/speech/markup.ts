/**
 * What a model writes besides words: Markdown, HTML, addresses, emoji. Each rule says what the voice gets of it and what
 * the caption shows. Promise: a rule decides only what more text can't change; until then `open` holds the text back.
 * Pure.
 */
import { decodedEntity } from './entities.ts';

/** A part of the text. One of the two is empty, or they are the same. */
export interface Part {
  spoken: string;
  shown: string;
}

/** What stands around a match. */
export interface Surroundings {
  /** The character before; empty at the beginning. */
  previous: string;
  /** The character after; empty at the end. */
  next: string;
  match: RegExpExecArray;
  /** Cleans text within the match. */
  clean(text: string): Part[];
}

export interface Rule {
  /** Applies only where a line begins, and leaves that so. */
  atLineStart?: boolean;
  /** Applies only where no letter or digit of an address stands before. */
  atWordStart?: boolean;
  /** The whole of it. */
  whole: RegExp;
  /** What reaches the end of the text and may still become the whole, or needs the next character to be judged. */
  open?: RegExp;
  parts(around: Surroundings): Part[];
}

const both = (text: string): Part[] => (text ? [{ spoken: text, shown: text }] : []);
const onlyShown = (text: string): Part[] => (text ? [{ spoken: '', shown: text }] : []);
const nothing = (): Part[] => [];
const asIs = ({ match }: Surroundings): Part[] => both(match[0]);
const asPicture = ({ match }: Surroundings): Part[] => onlyShown(match[0]);

/** Text in brackets, with brackets in it at most once; bounded, or a stray bracket would hold back the whole answer. */
const LABEL = String.raw`(?:[^[\]\n\\]|\\.|\[[^[\]\n]{0,80}\]){0,200}`;
const TARGET = String.raw`(?:[^()\n]|\([^()\n]{0,200}\)){0,1000}`;
/** What of a link can follow its words, as far as it has come. */
const OPEN_LINK = String.raw`(?:\\|\[[^[\]\n]{0,80}|\](?:\(${TARGET}(?:\([^()\n]{0,200})?)?)?`;
const ADDRESS = String.raw`[\w\-.~:/?#@!$&'()*+,;=%]`;
const TAG = String.raw`\/?[A-Za-z][\w-]{0,30}`;
/** These tags end a line where they are drawn. */
const LINE_TAG = /^<\/?(?:br|p|div|li|[uo]l|h\d|tr|table|hr|blockquote|pre|section|article)\b/i;

const LINE_RULES: Rule[] = [
  // A fence of code. The code itself is spoken: models also put poems and lists into one.
  { whole: /`{3,}[^\n`]{0,30}(?=\n|$)/uy, open: /`{1,2}$|`{3,}[^\n`]{0,30}$/uy, parts: nothing },
  // The line below the head of a table, and lines across.
  { whole: /(?=[^\n]{0,100}--)[-:| \t]{2,200}(?=\n|$)/uy, open: /[-:| \t]{1,200}$/uy, parts: nothing },
  { whole: /[*_=](?:[ \t]*[*_=]){2,100}[ \t]*(?=\n|$)/uy, open: /[*_= \t]{1,200}$/uy, parts: nothing },
  { whole: /#{1,6}(?:[ \t]+|(?=\n|$))/uy, open: /#{1,6}[ \t]*$/uy, parts: nothing },
  { whole: /[-*+•‣◦▪●][ \t]+/uy, open: /[-*+•‣◦▪●][ \t]*$/uy, parts: () => onlyShown('• ') },
  { whole: />[> \t]*/uy, open: />[> \t]*$/uy, parts: nothing },
  { whole: /\[[ xX]\][ \t]+/uy, open: /\[(?:[ xX](?:\][ \t]*)?)?$/uy, parts: nothing },
];

const INLINE_RULES: Rule[] = [
  { whole: /\\([!-/:-@[-`{-~])/uy, open: /\\$/uy, parts: ({ match }) => both(match[1] ?? '') },
  {
    // A link or an image: its words are spoken, its address is shown.
    whole: new RegExp(String.raw`!?\[(${LABEL})\]\((${TARGET})\)`, 'uy'),
    open: new RegExp(String.raw`!$|!?\[${LABEL}${OPEN_LINK}$`, 'uy'),
    parts: ({ match: [, label = '', target = ''], clean }) => {
      const address = target.trim().split(/\s/)[0]?.replace(/^<|>$/g, '') ?? '';
      return [...clean(label), ...onlyShown(label.trim() ? ` (${address})` : address)];
    },
  },
  {
    atWordStart: true,
    whole: new RegExp(String.raw`(?:https?:\/\/|www\.)${ADDRESS}*[\w\-/=&#%~+$@]`, 'iuy'),
    open: new RegExp(
      String.raw`h(?:t(?:t(?:p(?:s?(?::(?:\/(?:\/${ADDRESS}*)?)?)?)?)?)?)?$|w(?:w(?:w(?:\.${ADDRESS}*)?)?)?$`,
      'iuy',
    ),
    parts: asPicture,
  },
  {
    whole: /<([a-z][a-z+.-]{1,10}:[^\s<>]{1,300})>/iuy,
    open: /<[a-z][a-z+.-]{0,10}(?::[^\s<>]{0,300})?$/iuy,
    parts: ({ match }) => onlyShown(match[1] ?? ''),
  },
  {
    whole: new RegExp(String.raw`<(?:${TAG}(?:\s[^<>]{0,200})?\/?|!--[^<>]{0,200}--)>`, 'uy'),
    open: new RegExp(String.raw`<(?:\/?|${TAG}(?:\s[^<>]{0,200}|\/)?|!(?:-(?:-[^<>]{0,200})?)?)$`, 'uy'),
    parts: ({ match }) => (LINE_TAG.test(match[0]) ? both('\n') : []),
  },
  {
    whole: /&(?:#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]\w{1,20});/iuy,
    open: /&(?:#?|#x[0-9a-f]{0,6}|#\d{0,7}|[a-z]\w{0,20})$/iuy,
    parts: ({ match }) => decoded(decodedEntity(match[0])),
  },
  { whole: /`+/uy, parts: nothing },
  { whole: /\*+/uy, open: /\*+$/uy, parts: (around) => (isOperator(around) ? asIs(around) : []) },
  { whole: /_+/uy, open: /_+$/uy, parts: (around) => (isWithinName(around) ? asIs(around) : []) },
  { whole: /~{2,}/uy, open: /~+$/uy, parts: nothing },
  {
    whole: /[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u2600-\u27bf\u2b00-\u2bff]/uy,
    // The signs of rights are words to a voice.
    parts: (around) => (/[©®™]/u.test(around.match[0]) ? asIs(around) : asPicture(around)),
  },
  // What joins and varies emoji; the joiner is also a letter's, in Persian and Hindi.
  { whole: /[\ufe00-\ufe0f\u20e3\u{e0020}-\u{e007f}]/uy, parts: asPicture },
  {
    whole: /\u200d/uy,
    parts: (around) => (/[\p{L}\p{M}]/u.test(around.previous) ? asIs(around) : asPicture(around)),
  },
  // Half a character may wait for its other half; alone it can't be sent to anybody.
  { whole: /\p{Cs}/uy, open: /\p{Cs}$/uy, parts: nothing },
  { whole: /(?!\s)[\p{Cc}\u200b\u2060]/uy, parts: nothing },
];

export const RULES: readonly Rule[] = [
  ...LINE_RULES.map((rule) => ({ ...rule, atLineStart: true })),
  ...INLINE_RULES,
];

/** What an entity stands for is text, but for emoji. */
function decoded(text: string): Part[] {
  return /\p{Extended_Pictographic}/u.test(text) && !/[©®™]/u.test(text) ? onlyShown(text) : both(text);
}

/** "2 * 3", "2*3", "2**3"; never in a script where bold touches the letters. */
function isOperator({ match: [stars], previous, next }: Surroundings): boolean {
  if (stars.length === 1 && isSpace(previous) && isSpace(next)) return true;
  const between = stars.length === 1 ? /[A-Za-z0-9]/ : /[0-9]/;
  return between.test(previous) && between.test(next);
}

/** "snake_case", and an underscore that stands alone. */
function isWithinName({ match: [marks], previous, next }: Surroundings): boolean {
  if (marks.length === 1 && isSpace(previous) && isSpace(next)) return true;
  return isNamePart(previous) && isNamePart(next);
}

function isNamePart(character: string): boolean {
  return /[\p{L}\p{N}]/u.test(character) && !/[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}]/u.test(character);
}

function isSpace(character: string): boolean {
  return character === '' || /\s/.test(character);
}
