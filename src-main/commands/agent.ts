/**
 * `npm run agent [-- --data DIR --port-base N]`: the voice agent alone, supervised, for the kiosks of a fleet
 * (docs/fleet.md). It takes its jobs from LiveKit, so as many of these as are needed may run, on any machines.
 */
import { parseArgs } from 'node:util';
import { createLogger } from '../../src-runtime/log.ts';
import { DEFAULT_PORT_BASE, portsFrom } from '../../src-shared/ports.ts';
import { ensureChildren } from '../build/ensure-children.ts';
import { agentChild } from '../children/own.ts';
import { assertPortsFree } from '../host/free-ports.ts';
import { prepareHost } from '../host/prepare.ts';
import { isSettled, until } from '../host/readiness.ts';
import { projectDir } from '../paths.ts';
import { terminalProgress } from '../setup/progress.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { onEndAsked } from './end-asked.ts';

/** Nothing is embedded here: an agent alone serves a real LiveKit with real speech. */
const NEEDED = [
  'LIVEKIT_URL',
  'LIVEKIT_API_KEY',
  'LIVEKIT_API_SECRET',
  'OPENAI_API_KEY',
  'DEEPGRAM_API_KEY',
] as const;

/** Runs until a signal. @throws Error with a message for the operator */
async function runAgent(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      data: { type: 'string' },
      'port-base': { type: 'string', default: String(DEFAULT_PORT_BASE) },
    },
  });
  const portBase = Number(values['port-base']);
  portsFrom(portBase);
  const progress = terminalProgress(process.stdout);
  const { plan, record } = await prepareHost({ dataDir: values.data, portBase }, progress, 'agent');
  const missing = NEEDED.filter((name) => !plan.settings[name]);
  if (missing.length > 0) {
    throw new Error(`An agent alone needs ${missing.join(', ')} (environment or .env). Nothing was started.`);
  }
  const { agentHealth, agentWorker } = plan.ports;
  await assertPortsFree({ agentHealth, agentWorker });
  const builtDir = await ensureChildren(projectDir(), progress);
  const log = createLogger({
    service: 'host',
    dir: plan.logDir,
    file: 'host.log',
    level: plan.settings.LOG_LEVEL,
  });
  const supervisor = new Supervisor([agentChild({ plan, builtDir })], record, log);
  const isWell = () => supervisor.statuses().every((child) => child.status === 'ok');
  supervisor.start();
  onEndAsked(() => void supervisor.stop().then(() => process.exit(0)));
  // What a provider refuses now it refuses in a minute too.
  await until(supervisor, () =>
    supervisor.statuses().every((child) => child.status === 'ok' || isSettled(child, false)),
  );
  const notes = supervisor.statuses().flatMap((child) => child.notes);
  console.log(
    isWell()
      ? `The agent serves ${plan.settings.LIVEKIT_URL}. Health: ${plan.urls.agentHealth}. Ctrl-C ends it.`
      : `The agent is not well yet (${notes.join('; ') || 'no answer'}); it keeps trying. Its log is in ${plan.logDir}.`,
  );
}

runAgent(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
