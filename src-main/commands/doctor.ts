/**
 * `npm run doctor`: looks at this machine and says what to do. Changes nothing. Takes `--data DIR` and `--port-base N`
 * like the start, and `--json`. Exit code 1 when something must be mended.
 */
import { join, resolve } from 'node:path';
import { portsFrom } from '../../src-shared/ports.ts';
import type { DoctorContext } from '../doctor/check.ts';
import { examine, findingsText } from '../doctor/doctor.ts';
import { defaultDataDir, projectDir } from '../paths.ts';
import { stationPorts } from '../plan/plan.ts';
import { operatorEnvironment } from '../settings/operator-environment.ts';
import { embeddedParts } from '../settings/parts.ts';
import type { Settings } from '../settings/schema.ts';
import { readSettings, SettingsError } from '../settings/settings.ts';
import { ProcessRecord } from '../supervisor/run-file.ts';
import { type Options, readOptions } from './options.ts';

function contextOf(options: Options): DoctorContext {
  const env = operatorEnvironment();
  const { settings, problems } = checkedSettings(env);
  const dataDir = resolve(options.dataDir ?? env['MINDBOT_DATA_DIR'] ?? defaultDataDir(env));
  return {
    settings,
    settingProblems: problems,
    parts: embeddedParts(settings ?? readSettings({})),
    dataDir,
    projectDir: projectDir(),
    ports: settings ? stationPorts(settings, options.portBase) : portsFrom(options.portBase),
    stationPid: new ProcessRecord(join(dataDir, 'run', 'processes.json')).runningHost(),
    env,
  };
}

function checkedSettings(env: Record<string, string | undefined>): {
  settings: Settings | undefined;
  problems: readonly string[];
} {
  try {
    return { settings: readSettings(env), problems: [] };
  } catch (error) {
    if (error instanceof SettingsError) return { settings: undefined, problems: error.problems };
    throw error;
  }
}

try {
  const options = readOptions(process.argv.slice(2));
  const findings = await examine(contextOf(options));
  const isWell = findings.every((finding) => finding.level !== 'fail');
  console.log(options.json ? JSON.stringify({ ok: isWell, findings }) : findingsText(findings));
  process.exitCode = isWell ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
