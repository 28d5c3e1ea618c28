/**
 * `npm run chaos`: real processes killed at random moments of visits, then the books compared. The last line is the
 * verdict; the exit code is 1 when a second was lost, doubled or overspent, or a payment is wrong.
 */
import { randomInt } from 'node:crypto';
import { terminalProgress } from '../../src-main/setup/progress.ts';
import { commandLine, refuse, wholeNumber } from '../support/common/command-line.ts';
import { isWrong, runCampaign } from './campaign.ts';
import { openChromium } from './chromium.ts';
import { startPlant } from './plant.ts';
import { SCRIPTED } from './scripted.ts';

const SEED_LIMIT = 2 ** 31;

const USAGE = `Real processes killed at random moments of visits, then the books compared.
  npm run chaos -- --rounds N      visits (default 20)
  npm run chaos -- --seed S        the same plan again (default: a new one, printed)
  npm run chaos -- --kiosks K      stations beside each other on one database (default 3)
  npm run chaos -- --whole         one kiosk with everything: LiveKit, agent, speech, and Chromium with real audio
Ctrl-C ends it after the present wave (twice: at once).`;

const { values } = commandLine(USAGE, {
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string' },
    kiosks: { type: 'string' },
    whole: { type: 'boolean', default: false },
  },
});
const rounds = wholeNumber('rounds', values.rounds);
const { whole } = values;
const kiosks = wholeNumber('kiosks', values.kiosks ?? (whole ? '1' : '3'));
if (whole && kiosks > 1) refuse('--whole drives one kiosk: leave out --kiosks');
const seed = values.seed === undefined ? randomInt(1, SEED_LIMIT) : wholeNumber('seed', values.seed);

const again = `--rounds ${rounds} --kiosks ${kiosks} --seed ${seed}${whole ? ' --whole' : ''}`;
console.log(`seed ${seed}; to have the same plan again: npm run chaos -- ${again}`);
const plant = await startPlant({ kiosks, whole, progress: terminalProgress(process.stdout) });
const enough = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => enough.abort());
const screen = whole ? await openChromium() : null;
let exitCode = 1;
try {
  const startMs = performance.now();
  const result = await runCampaign({
    plant,
    seed,
    rounds,
    ...(screen ? screen.campaign : SCRIPTED),
    signal: enough.signal,
    onWave: ({ rounds: done, kills, verdict }) => {
      const { talks, talkedSeconds, payments } = verdict;
      const seconds = Math.round((performance.now() - startMs) / 1000);
      console.log(
        `${done}/${rounds} rounds, ${kills} processes killed, ${talks} talks of ${talkedSeconds} s, ${payments} payments (${seconds} s)`,
      );
    },
  });
  const { verdict } = result;
  for (const fault of verdict.faults) console.log(`wrong: ${fault}`);
  console.log(
    `chaos: rounds=${result.rounds} lost_seconds=${verdict.lostSeconds} doubled_seconds=${verdict.doubledSeconds} overspent_seconds=${verdict.overspentSeconds}`,
  );
  exitCode = isWrong(verdict) ? 1 : 0;
} catch (error) {
  console.error(error);
} finally {
  await screen?.close();
  await plant.stop();
}
process.exit(exitCode);
