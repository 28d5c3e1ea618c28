import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spokenPieces } from './sentences.ts';

test('sentences are spoken one by one', () => {
  expect(spokenPieces('Hello there. How are you? Fine!')).toEqual(['Hello there.', 'How are you?', 'Fine!']);
});

test('a long first sentence starts at its first comma, later ones stay whole', () => {
  const long = 'You have one hour left, which is enough for a long and friendly talk about this and that.';
  expect(spokenPieces(`${long} ${long}`)).toEqual([
    'You have one hour left,',
    'which is enough for a long and friendly talk about this and that.',
    long,
  ]);
});

test('text without words is nothing to say', () => {
  expect(spokenPieces(' ... !')).toEqual([]);
});

test('no word is lost, doubled or reordered', () => {
  const word = fc.stringMatching(/^[a-z]{1,12}[.,!?]{0,2}$/);
  fc.assert(
    fc.property(fc.array(word, { maxLength: 120 }), (words) => {
      const text = words.join(' ');
      expect(
        spokenPieces(text)
          .join(' ')
          .match(/[a-z]+/g) ?? [],
      ).toEqual(text.match(/[a-z]+/g) ?? []);
    }),
  );
});
