import { expect, test } from 'vitest';
import { buildLanguageModel } from './language-model.ts';
import { domainPhrases, expandPattern } from './phrases.ts';

const phrases = [
  { words: ['buy', 'the', 'card'], weight: 3 },
  { words: ['buy', 'time'], weight: 1 },
];

test('after any history the probabilities sum to one', () => {
  const model = buildLanguageModel(phrases);
  for (const history of [[], ['<s>'], ['buy'], ['<s>', 'buy'], ['time', 'card'], ['nonsense']]) {
    const sum = [...model.vocabulary, '</s>'].reduce(
      (total, word) => total + model.probability(word, history),
      0,
    );
    expect(sum).toBeCloseTo(1, 10);
  }
});

test('a listed order is likelier than an unlisted one', () => {
  const model = buildLanguageModel(phrases);
  expect(model.probability('the', ['<s>', 'buy'])).toBeGreaterThan(model.probability('time', ['<s>', 'buy']));
  expect(model.probability('card', ['buy', 'time'])).toBeGreaterThan(0);
});

test('the ARPA text counts what it lists', () => {
  const arpa = buildLanguageModel(phrases).arpa();
  for (const order of [1, 2, 3]) {
    const promised = Number(new RegExp(`ngram ${order}=(\\d+)`).exec(arpa)?.[1]);
    const section = arpa.split(`\\${order}-grams:\n`)[1]?.split('\n\n')[0] ?? '';
    expect(section.trim().split('\n')).toHaveLength(promised);
  }
  expect(arpa).toMatch(/-99\.0000 <s> -/);
  expect(arpa.trimEnd().endsWith('\\end\\')).toBe(true);
});

test('patterns expand to all their sentences', () => {
  expect(expandPattern('(can you|[please]) go [(a|b) now]')).toEqual([
    'can you go',
    'can you go a now',
    'can you go b now',
    'go',
    'go a now',
    'go b now',
    'please go',
    'please go a now',
    'please go b now',
  ]);
  expect(() => expandPattern('(a|b')).toThrow(/does not close/);
});

test('the domain knows the sentences the product is for', () => {
  const sentences = new Set(domainPhrases().map((phrase) => phrase.words.join(' ')));
  for (const sentence of [
    'how much time do i have left',
    'i want to buy the starter package',
    'what are the prices',
    'what will this session cost',
    'are you a person',
    'yes please',
    'goodbye',
  ]) {
    expect(sentences).toContain(sentence);
  }
});
