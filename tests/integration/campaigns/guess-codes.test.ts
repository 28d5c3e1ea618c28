/** Guessing codes, in short; the long run is `npm run guess-codes -- --guesses 1000000`. */
import { expect, it } from 'vitest';
import { guessCodes } from '../../guess-codes/guesses.ts';

it('opens nothing, meets the limits, and answers every worthless code alike', async () => {
  const result = await guessCodes({ guesses: 700, samples: 4, say: () => undefined });
  expect(result.hits).toBe(0);
  // Ten wrong codes a kiosk, a hundred in all, then nobody looks at a guess any more.
  expect(result.lookedUp).toBe(100);
  expect(Object.keys(result.answers).sort()).toEqual([
    '422 code_not_accepted',
    '429 too_many_requests',
    '429 too_many_tries',
  ]);
  expect(result.differentAnswers).toEqual([]);
}, 180_000);
