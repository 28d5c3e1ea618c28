/**
 * What a decoder heard, and whether to believe it. Pure. The domain model can only hear the product's words, so any
 * sound becomes some row of them; a row that nobody would say in that order costs far more in the language model than
 * a real request, and that tells them apart.
 */
import type { LanguageModel } from './language-model.ts';

export interface HeardWord {
  word: string;
  /** Seconds from the start of the utterance's audio. */
  start: number;
  end: number;
  /** Posterior probability within the decoder's lattice, 0..1. */
  confidence: number;
}

/** Reads the lines that `pocketsphinx_continuous -time yes` prints: the sentence, then a line for each word. */
export function parseDecoderOutput(output: string): HeardWord[] {
  const words: HeardWord[] = [];
  for (const line of output.split('\n')) {
    const match = /^(\S+) (\d+\.\d+) (\d+\.\d+) (\d+(?:\.\d+)?(?:e-?\d+)?)$/.exec(line.trim());
    const name = match?.[1]?.replace(/\(\d+\)$/, '');
    if (!match || !name || /^(<.*>|\[.*\]|\+\+.*\+\+)$/.test(name)) continue;
    words.push({
      word: name,
      start: Number(match[2]),
      end: Number(match[3]),
      confidence: Math.min(1, Number(match[4])),
    });
  }
  return words;
}

/**
 * Mean log10 probability of a word under the model: −0.3 for a listed sentence, −2 for a random row. The end counts as a
 * word of it, unless the sentence is still being said.
 */
export function fluency(words: readonly string[], model: LanguageModel, isOver = true): number {
  const sentence = ['<s>', ...words, ...(isOver ? ['</s>'] : [])];
  let sum = 0;
  for (let at = 1; at < sentence.length; at += 1) {
    sum += Math.log10(model.probability(sentence[at] ?? '', sentence.slice(Math.max(0, at - 2), at)));
  }
  return sum / (sentence.length - 1);
}

/** Sentences that stop here are this share of those that come this far: enough to take it for the end of one. */
const LEAST_END_PROBABILITY = 0.1;

/** True when people often say nothing more after these words. */
export function isWholeSentence(words: readonly string[], model: LanguageModel): boolean {
  const history = ['<s>', ...words].slice(-2);
  return words.length > 0 && model.probability('</s>', history) >= LEAST_END_PROBABILITY;
}

/** The words that begin after `seconds`: half of a word counts, since two hearings differ by that much. */
export function wordsAfter(words: readonly HeardWord[], seconds: number): HeardWord[] {
  return words.filter((word) => (word.start + word.end) / 2 > seconds);
}

/** A word that ended so long ago is not changed by what is said now. */
const SETTLED_AFTER_SECONDS = 0.6;

/** The leading words that two hearings, one after the other, agree on, and that ended well before `nowSeconds`. */
export function settledWords(
  before: readonly HeardWord[],
  now: readonly HeardWord[],
  nowSeconds: number,
): HeardWord[] {
  const differs = now.findIndex(
    (heard, at) => heard.word !== before[at]?.word || heard.end > nowSeconds - SETTLED_AFTER_SECONDS,
  );
  return differs === -1 ? [...now] : now.slice(0, differs);
}

/** Mean confidence of the words; 0 for none. */
export function meanConfidence(words: readonly HeardWord[]): number {
  return words.length === 0 ? 0 : words.reduce((sum, word) => sum + word.confidence, 0) / words.length;
}

const QUESTION_START =
  /^(how|what|what's|who|where|when|which|why|can|could|do|does|did|is|are|am|may|will|have|has)\b/;

/** Where a row of words stands in what is said. */
export interface TranscriptPlace {
  /** Nothing was said before it. */
  begins: boolean;
  /** Nothing follows. */
  ends: boolean;
}

/** The words as a caption reads best: first letter and «I» large, a question mark or full stop at the end. */
export function formatTranscript(
  words: readonly string[],
  { begins, ends }: TranscriptPlace = { begins: true, ends: true },
): string[] {
  return words.map((word, index) => {
    let shown = /^i('|$)/.test(word) ? `I${word.slice(1)}` : word;
    if (index === 0 && begins) shown = shown.charAt(0).toUpperCase() + shown.slice(1);
    if (index < words.length - 1 || !ends) return shown;
    return `${shown}${QUESTION_START.test(words.join(' ')) && words.length > 1 ? '?' : '.'}`;
  });
}
