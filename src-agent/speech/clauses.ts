/**
 * Cuts the model's stream of words into pieces to be spoken: the first one as short as a clause, so that the voice
 * starts early; whole sentences after it, so that it sounds natural. Promises: each piece has a letter or a digit and at
 * most PIECE_CHARACTERS; the pieces keep their white space, so that joined they are the text again (a caption is made by
 * joining them); no cut within a word that has an end, nor within a character; the same pieces however the stream was
 * chunked; an answer ends at its limit (answer-limit.ts).
 */
import { shortuuid, tokenize } from '@livekit/agents';
import { AnswerLimit } from './answer-limit.ts';
import { EAST_ASIAN, type Pause, pauseAfter } from './sentence-ends.ts';
import { nextWord, type Word } from './words.ts';

/** A first clause shorter than this sounds chopped off. A Chinese or Japanese character counts double. */
const FIRST_CLAUSE_CHARACTERS = 18;
/** The voice does not wait longer than this for the first mark: about six seconds of speech. */
const FIRST_PIECE_WORDS = 18;
/** Shorter openings ("Well,") are not worth a request of their own. */
const OPENING_CHARACTERS = 8;
/** Short sentences ("Yes.") are spoken together with the next one, except at the beginning. */
const SENTENCE_CHARACTERS = 20;
/** Most characters of one piece: 20 seconds of speech, far below what providers take (Deepgram 2,000, OpenAI 4,096). */
export const PIECE_CHARACTERS = 300;

const EAST_ASIAN_LETTERS = new RegExp(`[${EAST_ASIAN}]`, 'gu');
const SPEAKABLE = /[\p{L}\p{N}]/u;

/** A word with the white space after it, and the pause that follows. */
interface Unit {
  text: string;
  pause: Pause;
}

export class ClauseCutter {
  readonly #limit = new AnswerLimit();
  #text = '';
  #units: Unit[] = [];
  #previous = '';
  #opens = true;
  #isFirst = true;

  /** Takes more of the text. @returns the pieces that are complete now */
  push(text: string): string[] {
    this.#text += text;
    return this.#cut(false);
  }

  /** The text is at its end. @returns what is left of it */
  end(): string[] {
    const pieces = this.#cut(true);
    return [...pieces, ...this.#take(this.#units.length)];
  }

  #cut(isEnd: boolean): string[] {
    const pieces: string[] = [];
    if (this.#previous === '') this.#text = this.#text.trimStart();
    for (let word = nextWord(this.#text, isEnd); word; word = nextWord(this.#text, isEnd)) {
      this.#text = this.#text.slice(word.length);
      pieces.push(...this.#add(word));
    }
    return pieces;
  }

  #add(word: Word): string[] {
    const pause = pauseAfter({ ...word, previous: this.#previous, opens: this.#opens });
    const unit = { text: word.word + word.gap, pause };
    this.#previous = word.word;
    this.#opens = pause === 'sentence' || (this.#opens && !SPEAKABLE.test(word.word));
    const before = this.#makeRoom(PIECE_CHARACTERS - unit.text.length);
    this.#units.push(unit);
    return [...before, ...this.#take(this.#complete(unit))];
  }

  /** Gives out as much as must be, so that no more than this is left. */
  #makeRoom(mostCharacters: number): string[] {
    const pieces: string[] = [];
    while (textOf(this.#units).length > mostCharacters) {
      const waiting = this.#units.length;
      pieces.push(...this.#take(this.#bestCut(PIECE_CHARACTERS / 3)));
      if (this.#units.length === waiting) break;
    }
    return pieces;
  }

  /** How many of the units are a piece, now that this one is the last of them. */
  #complete({ pause, text: last }: Unit): number {
    const all = this.#units.length;
    const text = textOf(this.#units).trim();
    if (!this.#isFirst) {
      const standsAlone = text.length >= SENTENCE_CHARACTERS || eastAsianLetters(last) > 0;
      return pause === 'sentence' && standsAlone ? all : 0;
    }
    if (pause === 'sentence') return all;
    if (pause === 'clause' && text.length + eastAsianLetters(text) >= FIRST_CLAUSE_CHARACTERS) return all;
    return wordsIn(this.#units) >= FIRST_PIECE_WORDS ? this.#bestCut(OPENING_CHARACTERS) : 0;
  }

  /** Where a piece that can't wait ends best: after a sentence, else a clause of that length, else where it is. */
  #bestCut(leastCharacters: number): number {
    const sentence = this.#units.findLastIndex(({ pause }) => pause === 'sentence');
    if (sentence >= 0) return sentence + 1;
    const clause = this.#units.findLastIndex(({ pause }) => pause === 'clause') + 1;
    return textOf(this.#units.slice(0, clause)).length >= leastCharacters ? clause : this.#units.length;
  }

  #take(count: number): string[] {
    const units = this.#units.slice(0, count);
    const text = textOf(units);
    const isFull = text.length > PIECE_CHARACTERS / 2;
    // Marks without a word wait for one; a whole piece of them is nothing to be said.
    if (!SPEAKABLE.test(text) && !isFull) return [];
    this.#units.splice(0, count);
    if (!SPEAKABLE.test(text)) return [];
    const endsSentence = units.at(-1)?.pause === 'sentence';
    this.#isFirst = false;
    return this.#limit.admits({ text, endsSentence }) ? [text] : [];
  }
}

export class ClauseTokenizer extends tokenize.SentenceTokenizer {
  tokenize(text: string): string[] {
    const cutter = new ClauseCutter();
    return [...cutter.push(text), ...cutter.end()];
  }

  stream(): tokenize.SentenceStream {
    return new ClauseStream();
  }
}

class ClauseStream extends tokenize.SentenceStream {
  readonly #cutter = new ClauseCutter();
  readonly #segmentId = shortuuid();

  override pushText(text: string): void {
    this.#put(this.#cutter.push(text));
  }

  override flush(): void {
    this.#put(this.#cutter.end());
  }

  override endInput(): void {
    this.flush();
    this.close();
  }

  #put(pieces: readonly string[]): void {
    // An interrupted answer is closed while its text still comes.
    if (this.closed) return;
    for (const token of pieces) this.queue.put({ token, segmentId: this.#segmentId });
  }
}

function textOf(units: readonly Unit[]): string {
  return units.map(({ text }) => text).join('');
}

/** Counted where spaces are; estimated where the script has none. */
function wordsIn(units: readonly Unit[]): number {
  const words = ({ text }: Unit) =>
    /\s$/.test(text) ? 1 : Math.max(1, text.length / 5, eastAsianLetters(text) / 2);
  return units.reduce((sum, unit) => sum + words(unit), 0);
}

function eastAsianLetters(text: string): number {
  return text.match(EAST_ASIAN_LETTERS)?.length ?? 0;
}
