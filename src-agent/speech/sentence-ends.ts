/**
 * Where a person who reads aloud pauses: after a sentence, after a clause, or not at all. Promises: the dot of an
 * abbreviation (English, German, French, Spanish), of an initial, of a list's number or of an ordinal ends no sentence;
 * a sentence in Chinese or Japanese ends without a space. Doubt means no end: two sentences spoken together sound
 * better than one cut in two. Pure.
 */

/** What follows a word: the pause at the end of a sentence, that of a clause, or none. */
export type Pause = 'sentence' | 'clause' | 'none';

export interface ReadWord {
  /** With its punctuation, without white space. */
  word: string;
  /** The white space after it. */
  gap: string;
  /** The first character of the next word; empty where the text ends. */
  next: string;
  /** The word before it; empty where the text begins. */
  previous: string;
  /** Nothing that can be spoken stands before it in its sentence. */
  opens: boolean;
}

/** Scripts that are written without spaces, their brackets included; a character holds about half a word. */
export const EAST_ASIAN = '\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}';
/** What closes a quotation or a bracket after the mark of a sentence. */
export const EAST_ASIAN_CLOSERS = '」』）】》〉”’"\')';
export const EAST_ASIAN_MARKS = '。！？｡．、，；：､';

const CLOSERS = /["'”’“»«›‹)\]}」』）】》〉]+$/u;
const EAST_ASIAN_END = /[。！？｡．]$/u;
const EAST_ASIAN_CLAUSE = /[、，；：､]$/u;
const SENTENCE_MARK = /[.!?؟۔।…]$/u;
const CLAUSE_MARK = /[,;:،؛–—]$/u;
/** With these the sentence goes on, whatever mark stood before: “Why?” she asked. */
const GOES_ON = /^[\p{Ll},;:)\]]/u;
const STARTS_EAST_ASIAN = new RegExp(`^[${EAST_ASIAN}]`, 'u');
const NUMBER = /^\p{N}/u;

/** Abbreviations that stand before what they belong to, so that no sentence ends with them. Without the last dot. */
const NEVER_LAST = wordSet(`
  dr dra dres prof mr mrs ms messrs mx rev hon gen col sgt capt lt st vs cf viz approx mt
  hr fr dipl ing bzw ca evtl ggf inkl exkl co zzgl zzt vgl bspw mind sog gem geb gest mio mrd tel str bd
  mm mme mmes mlle mlles me mgr c.-à-d ex env av tél
  sr sra sres sras srta don dña ud uds vd vds ej aprox ee pág págs núm avda excmo
`);
/** Abbreviations only where a number follows: "No. 5", but "I said no." */
const BEFORE_NUMBER = wordSet(`
  no nos nr nº fig figs p pp vol ch sec art abs abb kap par jan feb mar apr aug sep sept oct okt nov dec dez
  janv févr juil ene abr ago dic
`);
/** Dotted letters that often are a sentence's last word; all others ("e.g.", "z.B.", "U.S.") are not taken for it. */
const DOTTED_LAST = wordSet('a.m p.m');
/** After these a German number with a dot is an ordinal: "am 3. Mai". */
const BEFORE_ORDINAL = wordSet(
  'am vom zum bis ab seit der die das dem den des im beim jeder jedes jedem und mein meine dein deine ihr ihre sein seine unser unsere',
);

/** The pause after a word. */
export function pauseAfter(read: ReadWord): Pause {
  const { gap, next } = read;
  // A bracket that stands alone ("Bonjour. »") belongs to the word before it.
  const word = withoutClosers(read.word) || withoutClosers(read.previous);
  if (EAST_ASIAN_END.test(word)) return word.endsWith('．') && NUMBER.test(next) ? 'none' : 'sentence';
  if (EAST_ASIAN_CLAUSE.test(word)) return NUMBER.test(next) ? 'none' : 'clause';
  if (gap.includes('\n')) return read.opens && isListNumber(word) ? 'none' : 'sentence';
  // No space and no such script: a long run of characters was cut here, not a sentence.
  if (gap === '' && next !== '' && !STARTS_EAST_ASIAN.test(next)) return 'none';
  if (SENTENCE_MARK.test(word)) {
    return GOES_ON.test(next) || isAbbreviation(word, read) ? 'none' : 'sentence';
  }
  return CLAUSE_MARK.test(word) ? 'clause' : 'none';
}

function isAbbreviation(word: string, { previous, opens, next }: ReadWord): boolean {
  if (!word.endsWith('.')) return false;
  const stem = word.slice(0, -1).replace(/^[^\p{L}\p{N}]+/u, '');
  if (stem === '' || stem.endsWith('.')) return false;
  if (/^\d{1,3}$/.test(stem)) return opens || /[:;,(]$/.test(previous) || isOrdinal(stem, previous);
  // "J. R. R.", "z. B.", "p. ex.", "M.": all but the English pronoun.
  if (/^\p{L}$/u.test(stem)) return stem !== 'I' && !STARTS_EAST_ASIAN.test(stem);
  const known = stem.toLowerCase();
  if (/^(?:\p{L}\.)+\p{L}$/u.test(known)) return !DOTTED_LAST.has(known);
  return NEVER_LAST.has(known) || (BEFORE_NUMBER.has(known) && NUMBER.test(next));
}

function isListNumber(word: string): boolean {
  return /^\d{1,3}[.)]?$/.test(word);
}

function isOrdinal(number: string, previous: string): boolean {
  return number.length <= 2 && BEFORE_ORDINAL.has(previous.toLowerCase());
}

function withoutClosers(word: string): string {
  return word.replace(CLOSERS, '');
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/));
}
