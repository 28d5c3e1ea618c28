import { expect, test } from 'vitest';
import { numberWords, speakable } from './normalise.ts';

test.each([
  [0, 'zero'],
  [13, 'thirteen'],
  [42, 'forty-two'],
  [100, 'one hundred'],
  [299, 'two hundred ninety-nine'],
  [12_005, 'twelve thousand five'],
  [1_000_000, 'one million'],
])('%i is %s', (value, words) => {
  expect(numberWords(value)).toBe(words);
});

test.each([
  ['It costs $9.99.', 'It costs nine dollars and ninety-nine cents.'],
  ['$1.00 or $0.50', 'one dollar or fifty cents'],
  ['$1,299.99', 'one thousand two hundred ninety-nine dollars and ninety-nine cents'],
  ['€5', 'five euros'],
  ['You have 1 h 5 min left.', 'You have one hour five minutes left.'],
  ['Wait 1 min.', 'Wait one minute.'],
  ['45 s', 'forty-five seconds'],
  ['at 2:05 or 3:00', "at two oh five or three o'clock"],
  ['1:02:03', 'one hour two minutes three seconds'],
  ['5.5 hours', 'five point five hours'],
  ['20% off', 'twenty percent off'],
  ['Your code is AB1C-2XYZ-9KQP.', 'Your code is ay B one C, two X Y Z, nine K Q P.'],
  ['e.g. Starter & Pro', 'for example Starter and Pro'],
  ['I am an AI.', 'I am an A I.'],
  ['**Hello** `you` 👋 naïve café', 'Hello you naive cafe'],
  ['“Quoted” — it’s fine…', "Quoted, it's fine."],
  ['see [the site](https://example.org)', 'see the site'],
  ['top-up and time-card', 'top-up and time-card'],
])('%s is read as: %s', (text, spoken) => {
  expect(speakable(text)).toBe(spoken);
});

test('the result is always plain ASCII', () => {
  expect(speakable('Ωμέγα 中文 ✓ ½ … “x”')).toMatch(/^[\x20-\x7e]*$/);
});
