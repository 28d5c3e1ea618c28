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

/** Mean log10 probability of a word (and of the end) under the model: −0.3 for a listed sentence, −2 for a random row. */
export function fluency(words: readonly string[], model: LanguageModel): number {
  const sentence = ['<s>', ...words, '</s>'];
  let sum = 0;
  for (let at = 1; at < sentence.length; at += 1) {
    sum += Math.log10(model.probability(sentence[at] ?? '', sentence.slice(Math.max(0, at - 2), at)));
  }
  return sum / (words.length + 1);
}

/** Mean confidence of the words; 0 for none. */
export function meanConfidence(words: readonly HeardWord[]): number {
  return words.length === 0 ? 0 : words.reduce((sum, word) => sum + word.confidence, 0) / words.length;
}

const QUESTION_START =
  /^(how|what|what's|who|where|when|which|why|can|could|do|does|did|is|are|am|may|will|have|has)\b/;

/** The words as a caption reads best: first letter and «I» large, a question mark or full stop at the end. */
export function formatTranscript(words: readonly string[]): string[] {
  return words.map((word, index) => {
    let shown = /^i('|$)/.test(word) ? `I${word.slice(1)}` : word;
    if (index === 0) shown = shown.charAt(0).toUpperCase() + shown.slice(1);
    if (index < words.length - 1) return shown;
    return `${shown}${QUESTION_START.test(words.join(' ')) && words.length > 1 ? '?' : '.'}`;
  });
}
