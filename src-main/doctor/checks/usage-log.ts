/** The usage log of this station: unbroken, and how much of it still waits for the server. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../../src-shared/parse-json.ts';
import { nodeBinary } from '../../paths.ts';
import { type DoctorContext, type Finding, fail, ok, warn } from '../check.ts';

const NAME = 'Usage log';
const TIMEOUT_MS = 60_000;

const proofSchema = z.object({
  epochs: z.array(
    z.object({
      epoch: z.string(),
      state: z.string(),
      lastSeq: z.number(),
      confirmedSeq: z.number(),
      fault: z.string().nullable(),
      acknowledgedAtMs: z.number().nullable(),
    }),
  ),
});

export const checkUsageLog = ({
  dataDir,
  projectDir,
}: Pick<DoctorContext, 'dataDir' | 'projectDir'>): Finding[] => {
  if (!existsSync(join(dataDir, 'station', 'usage.sqlite'))) return [ok(NAME, 'none yet')];
  // A process of its own, since the host (and so the doctor) holds no native module.
  const program = join(projectDir, 'tools', 'verify-usage.ts');
  const run = spawnSync(nodeBinary(), [program, '--json', '--data', dataDir], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  const proof = proofSchema.safeParse(parseJson(run.stdout)).data;
  if (!proof) {
    const reason = run.stderr.trim().split('\n').at(-1) ?? 'no answer';
    return [
      fail(
        NAME,
        reason,
        'the next start sets it aside and keeps what verifies; keep that file for the operator',
      ),
    ];
  }
  const broken = proof.epochs.find(({ fault }) => fault !== null);
  if (broken) {
    return [
      fail(
        NAME,
        `log ${broken.epoch}: ${broken.fault}`,
        'somebody changed it: keep a copy; the next start sets it aside and sends what verifies',
      ),
    ];
  }
  const keptAside = proof.epochs.filter(({ state }) => state === 'quarantined');
  const quarantined = keptAside.filter(({ acknowledgedAtMs }) => acknowledgedAtMs === null).length;
  if (quarantined > 0) {
    return [
      fail(
        NAME,
        `${quarantined} kept aside: the server knows another history of it`,
        'was the disk restored or copied? Nothing of it is charged twice. Once you have looked at it, with the station stopped: npm run verify-usage -- --export FILE --acknowledge',
      ),
    ];
  }
  const seen = keptAside.length > 0 ? `; ${keptAside.length} kept aside, acknowledged` : '';
  const waiting = proof.epochs
    .filter(({ state }) => state !== 'quarantined')
    .reduce((sum, epoch) => sum + epoch.lastSeq - epoch.confirmedSeq, 0);
  if (waiting === 0) return [ok(NAME, `unbroken; the server has confirmed all of it${seen}`)];
  return [
    warn(
      NAME,
      `unbroken; ${waiting} rows wait for the server${seen}`,
      'they are sent when the database is in reach',
    ),
  ];
};
