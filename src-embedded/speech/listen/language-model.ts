/**
 * Makes a trigram language model (ARPA text, as pocketsphinx reads it) from weighted sentences, with Witten-Bell
 * smoothing (Witten and Bell 1991, method C, interpolated). Pure. Promise: after any history the probabilities of all
 * words sum to one, so an unlisted order of known words stays possible and only costs more.
 */
import type { WeightedPhrase } from './phrases.ts';

const START = '<s>';
const END = '</s>';
const ORDER = 3;
/** log10 of «never»: `<s>` is a history only. */
const NEVER_LOG10 = -99;

interface Follower {
  total: number;
  words: Map<string, number>;
}

export interface LanguageModel {
  /** All words but `<s>` and `</s>`. */
  vocabulary: string[];
  /** P(word | history), history at most two words. */
  probability(word: string, history: readonly string[]): number;
  arpa(): string;
}

/** Counts the phrases and returns their model; `extraWords` join the vocabulary with no sentence of their own. */
export function buildLanguageModel(
  phrases: readonly WeightedPhrase[],
  extraWords: readonly string[] = [],
): LanguageModel {
  const followers = countFollowers(phrases);
  const words = new Set<string>(extraWords);
  for (const phrase of phrases) for (const word of phrase.words) words.add(word);
  const vocabulary = [...words].sort();
  const uniform = 1 / (vocabulary.length + 1);

  const probability = (word: string, history: readonly string[]): number => {
    const shorter = history.length === 0 ? uniform : probability(word, history.slice(1));
    const seen = followers.get(history.join(' '));
    if (!seen) return shorter;
    const types = seen.words.size;
    return ((seen.words.get(word) ?? 0) + types * shorter) / (seen.total + types);
  };
  return {
    vocabulary,
    probability,
    arpa: () => arpaText(vocabulary, followers, probability),
  };
}

function countFollowers(phrases: readonly WeightedPhrase[]): Map<string, Follower> {
  const followers = new Map<string, Follower>();
  for (const phrase of phrases) {
    const sentence = [START, ...phrase.words, END];
    for (let at = 1; at < sentence.length; at += 1) {
      const word = sentence[at] ?? END;
      for (let length = 0; length < ORDER && at - length >= 0; length += 1) {
        const history = sentence.slice(at - length, at).join(' ');
        const entry = followers.get(history) ?? { total: 0, words: new Map() };
        entry.total += phrase.weight;
        entry.words.set(word, (entry.words.get(word) ?? 0) + phrase.weight);
        followers.set(history, entry);
      }
    }
  }
  return followers;
}

function arpaText(
  vocabulary: readonly string[],
  followers: ReadonlyMap<string, Follower>,
  probability: (word: string, history: readonly string[]) => number,
): string {
  const backoff = (history: string) => {
    const seen = followers.get(history);
    return seen ? Math.log10(seen.words.size / (seen.total + seen.words.size)) : 0;
  };
  const line = (log10: number, words: string, weight?: number) =>
    `${log10.toFixed(4)} ${words}${weight === undefined ? '' : ` ${weight.toFixed(4)}`}`;
  const unigrams = [
    line(NEVER_LOG10, START, backoff(START)),
    line(Math.log10(probability(END, [])), END),
    ...vocabulary.map((word) => line(Math.log10(probability(word, [])), word, backoff(word))),
  ];
  const bigrams: string[] = [];
  const trigrams: string[] = [];
  for (const [history, { words }] of followers) {
    const previous = history === '' ? [] : history.split(' ');
    for (const word of words.keys()) {
      const gram = `${history} ${word}`;
      const log10 = Math.log10(probability(word, previous));
      if (previous.length === 1) bigrams.push(line(log10, gram, backoff(gram)));
      if (previous.length === 2) trigrams.push(line(log10, gram));
    }
  }
  const counts = `\\data\\\nngram 1=${unigrams.length}\nngram 2=${bigrams.length}\nngram 3=${trigrams.length}\n`;
  const section = (order: number, lines: string[]) => `\\${order}-grams:\n${lines.sort().join('\n')}\n`;
  return [counts, section(1, unigrams), section(2, bigrams), section(3, trigrams), '\\end\\\n'].join('\n');
}
