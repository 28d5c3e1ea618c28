/** Runs the checks in order and draws their findings; what there is to check is the list below. */
import type { Check, DoctorContext, Finding } from './check.ts';
import { checkAssistant } from './checks/assistant.ts';
import { checkClock } from './checks/clock.ts';
import { checkDataDirectory } from './checks/data-directory.ts';
import { checkLedger } from './checks/ledger.ts';
import { checkLivekit } from './checks/livekit.ts';
import { checkLivekitServer } from './checks/livekit-server.ts';
import { checkNode } from './checks/node.ts';
import { checkPackages } from './checks/packages.ts';
import { checkPorts } from './checks/ports.ts';
import { checkRunningStation } from './checks/running-station.ts';
import { checkSettings } from './checks/settings.ts';
import { checkSigningKeys } from './checks/signing-keys.ts';
import { checkSound } from './checks/sound.ts';
import { checkStripe } from './checks/stripe.ts';
import { checkSupabase } from './checks/supabase.ts';
import { checkUsageLog } from './checks/usage-log.ts';

const CHECKS: readonly Check[] = [
  checkNode,
  checkSettings,
  checkDataDirectory,
  checkClock,
  checkPorts,
  checkLivekitServer,
  checkPackages,
  checkSound,
  checkSupabase,
  checkSigningKeys,
  checkStripe,
  checkLivekit,
  checkAssistant,
  checkRunningStation,
  checkUsageLog,
  checkLedger,
];

/** All findings, in the order of the list; a check that breaks is a finding too. */
export async function examine(context: DoctorContext, checks: readonly Check[] = CHECKS): Promise<Finding[]> {
  const results = await Promise.all(checks.map((check) => runOne(check, context)));
  return results.flat();
}

async function runOne(check: Check, context: DoctorContext): Promise<Finding[]> {
  try {
    return await check(context);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return [{ name: 'Doctor', level: 'fail', text, remedy: 'report this: a check must not break' }];
  }
}

const NAME_WIDTH = 15;

/** The findings as lines for a terminal. */
export function findingsText(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ level, name, text, remedy }) => [
    `${level.padEnd(5)} ${name.padEnd(NAME_WIDTH)} ${text}`,
    ...(remedy && level !== 'ok' ? [`${' '.repeat(6 + NAME_WIDTH)} → ${remedy}`] : []),
  ]);
  const count = (level: string) => findings.filter((finding) => finding.level === level).length;
  const summary = `${count('ok')} ok, ${count('warn')} to know, ${count('fail')} to mend`;
  return [...lines, summary].join('\n');
}
