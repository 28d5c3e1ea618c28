/**
 * `npm run guess-codes -- --guesses N [--samples N]`: guesses activation codes at a real relay. The last line tells; exit
 * code 1 when a guess opened a wallet, or when one kind of worthless code can be told from another.
 */
import { commandLine, wholeNumber } from '../support/common/command-line.ts';
import { guessCodes } from './guesses.ts';

const USAGE = 'npm run guess-codes -- [--guesses N] [--samples N]';

const { values } = commandLine(USAGE, {
  options: {
    guesses: { type: 'string', default: '10000' },
    samples: { type: 'string', default: '200' },
  },
});
const guesses = wholeNumber('guesses', values.guesses);
const samples = wholeNumber('samples', values.samples);
const result = await guessCodes({ guesses, samples, say: (line) => console.error(line) });
for (const [answer, count] of Object.entries(result.answers)) console.log(`${count} times ${answer}`);
for (const [kind, { area, noise }] of Object.entries(result.timing))
  console.log(
    `${kind}: told from an unknown code by time with ${area.toFixed(3)} (0.5 = not at all, noise ${noise.toFixed(3)})`,
  );
for (const kind of result.differentAnswers) console.log(`${kind}: another answer than for an unknown code`);
console.log(
  `guesses: tried=${result.tried} looked_up=${result.lookedUp} hits=${result.hits} distinguishable=${result.distinguishable}`,
);
process.exit(result.hits === 0 && result.distinguishable === 0 ? 0 : 1);
