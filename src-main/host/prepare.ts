/** What every start does before its first process: settings, the data directory, what an earlier start left, secrets. */
import { mkdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import type { Options } from '../commands/options.ts';
import { defaultDataDir } from '../paths.ts';
import { planStation, type StationPlan } from '../plan/plan.ts';
import { localSecrets } from '../plan/secrets.ts';
import { operatorEnvironment } from '../settings/operator-environment.ts';
import type { Role } from '../settings/rules.ts';
import { readSettings } from '../settings/settings.ts';
import type { Progress } from '../setup/progress.ts';
import { ProcessRecord } from '../supervisor/run-file.ts';
import { type LanWish, lanOf } from './lan.ts';

/** @throws Error with a message for the operator: settings, or another station on the data directory */
export async function prepareHost(
  {
    dataDir: wanted,
    portBase,
    lan: lanWish,
  }: Pick<Options, 'dataDir' | 'portBase'> & { lan?: LanWish | undefined },
  progress: Progress,
  role: Role = 'station',
): Promise<{ plan: StationPlan; record: ProcessRecord }> {
  const env = operatorEnvironment();
  const settings = readSettings(env, role);
  const lan = lanOf(lanWish, settings, networkInterfaces());
  const dataDir = resolve(wanted ?? settings.MINDBOT_DATA_DIR ?? defaultDataDir(env));
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const record = new ProcessRecord(join(dataDir, 'run', 'processes.json'));
  const leftovers = record.clearLeftovers();
  if (leftovers.length > 0) progress.say(`Ended what an earlier start left behind: ${leftovers.join(', ')}`);
  await record.leftoversGone();
  const secrets = await localSecrets(dataDir);
  const plan = planStation({ settings, portBase, secrets, dataDir, logDir: join(dataDir, 'logs'), lan });
  return { plan, record };
}
