import { expect, test } from 'vitest';
import {
  fluency,
  formatTranscript,
  type HeardWord,
  isWholeSentence,
  meanConfidence,
  parseDecoderOutput,
  settledWords,
  wordsAfter,
} from './hypothesis.ts';
import { buildLanguageModel } from './language-model.ts';
import { domainPhrases } from './phrases.ts';
import { isBelievable } from './recogniser.ts';

const OUTPUT = `how much is it
<s> 0.000 0.200 0.999800
how 0.210 0.400 0.9999
much(2) 0.410 0.700 1.000100
<sil> 0.700 0.800 0.5
[NOISE] 0.800 0.810 0.4
is 0.810 0.900 0.5
it 0.910 1.100 0.25
</s> 1.100 1.300 1.000000
`;

test('words are read with their times; silence, noise and variants are not words', () => {
  const words = parseDecoderOutput(OUTPUT);
  expect(words.map((heard) => heard.word)).toEqual(['how', 'much', 'is', 'it']);
  expect(words[1]).toEqual({ word: 'much', start: 0.41, end: 0.7, confidence: 1 });
  expect(meanConfidence(words)).toBeCloseTo((0.9999 + 1 + 0.5 + 0.25) / 4);
  expect(parseDecoderOutput('')).toEqual([]);
  expect(meanConfidence([])).toBe(0);
});

test('a row of our words that nobody says is less fluent than any listed sentence', () => {
  const model = buildLanguageModel(domainPhrases());
  const nonsense = fluency('who programmed conversation this a riddle a is enough'.split(' '), model);
  const listed = domainPhrases()
    .filter((_, index) => index % 40 === 0)
    .map((phrase) => fluency(phrase.words, model));
  expect(nonsense).toBeLessThan(Math.min(...listed));
});

test('nonsense, mumbling and nothing are not believed', () => {
  const languageModel = buildLanguageModel(domainPhrases());
  const heard = (text: string, confidence: number) =>
    text.split(' ').map((word) => ({ word, start: 0, end: 0, confidence }));
  expect(isBelievable(heard('how much time do i have left', 0.9), { languageModel })).toBe(true);
  expect(isBelievable(heard('how much time do i have left', 0.2), { languageModel })).toBe(false);
  expect(isBelievable(heard('what did live got some there a song', 0.9), { languageModel })).toBe(false);
  expect(isBelievable([], { languageModel })).toBe(false);
});

test('a sentence that many stop at is whole; a beginning is not, but may be believed while it goes on', () => {
  const languageModel = buildLanguageModel(domainPhrases());
  const whole = (text: string) => isWholeSentence(text.split(' '), languageModel);
  expect(whole('how much time do i have left')).toBe(true);
  expect(whole('i want to buy the')).toBe(false);
  expect(isWholeSentence([], languageModel)).toBe(false);
  const beginning = 'how much time do'.split(' ');
  expect(fluency(beginning, languageModel, false)).toBeGreaterThan(fluency(beginning, languageModel));
});

test('words are told apart by when they were said, and settle when two hearings agree on them', () => {
  const row = (text: string): HeardWord[] =>
    text.split(' ').map((word, at) => ({ word, start: at, end: at + 1, confidence: 1 }));
  const names = (words: readonly HeardWord[]) => words.map((heard) => heard.word);
  expect(names(wordsAfter(row('a b c'), 1.3))).toEqual(['b', 'c']);
  expect(names(settledWords(row('a b x'), row('a b c d'), 10))).toEqual(['a', 'b']);
  expect(names(settledWords(row('a b c'), row('a b c'), 2.5))).toEqual(['a']);
  expect(names(settledWords(row('a b c'), row('a b'), 10))).toEqual(['a', 'b']);
});

test('a part of a sentence has no capital where it does not begin it, and no mark where it does not end it', () => {
  expect(formatTranscript(['my', 'card'], { begins: false, ends: true })).toEqual(['my', 'card.']);
  expect(formatTranscript(['how', 'much'], { begins: true, ends: false })).toEqual(['How', 'much']);
});

test('captions get capitals and a closing mark', () => {
  expect(formatTranscript(['how', 'can', 'i', 'pay']).join(' ')).toBe('How can I pay?');
  expect(formatTranscript(['yes', "i'd", 'like', 'it']).join(' ')).toBe("Yes I'd like it.");
  expect(formatTranscript([])).toEqual([]);
});
