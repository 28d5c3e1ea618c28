/** The station that runs on this data directory: what each process says of itself. */
import { healthReportSchema } from '../../../src-shared/health.ts';
import { parseJson } from '../../../src-shared/parse-json.ts';
import { hasRoomsByFunction } from '../../settings/parts.ts';
import { ask } from '../ask.ts';
import { type Check, type Finding, fail, ok, warn } from '../check.ts';

export const checkRunningStation: Check = async ({ settings, stationPid, ports, parts, dataDir }) => {
  if (stationPid === null) return [ok('Station', 'not running')];
  const processes: (readonly [name: string, port: number])[] = [
    ...(settings?.RELAY_URL ? [] : [['relay', ports.relay] as const]),
    ['station', ports.station],
    ...(parts.supabase ? [['supabase', ports.supabase] as const] : []),
    ...(parts.stripe ? [['stripe', ports.stripe] as const] : []),
    ...(parts.openai || parts.deepgram ? [['speech', ports.speech] as const] : []),
    ...(settings && hasRoomsByFunction(settings) ? [] : [['agent', ports.agentHealth] as const]),
  ];
  const findings = await Promise.all(processes.map(([name, port]) => health(name, port, dataDir)));
  return [ok('Station', `runs as process ${stationPid}`), ...findings];
};

async function health(name: string, port: number, dataDir: string): Promise<Finding> {
  const title = `  ${name}`;
  const logs = `look into ${dataDir}/logs; if the station was started with --port-base N, give the same here`;
  const answer = await ask(`http://127.0.0.1:${port}/health`);
  if (!answer.reached) return fail(title, `port ${port} does not answer: ${answer.reason}`, logs);
  const report = healthReportSchema.safeParse(parseJson(answer.body)).data;
  if (report?.service !== name) return fail(title, `port ${port} is held by another program`, logs);
  if (report.status === 'ok') return ok(title, `ok for ${report.uptimeSeconds} s`);
  const wrong = Object.entries(report.checks).filter(([, line]) => line !== 'ok');
  return warn(title, wrong.map(([check, line]) => `${check}: ${line}`).join('; ') || report.status, logs);
}
