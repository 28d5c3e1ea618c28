/**
 * Brings the whole station up and down; both hosts (Electron and browser) are thin wrappers around this. Reads as the
 * list of what a start does.
 */
import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectionUrl, DATABASE } from '../src-embedded/postgres/cluster.ts';
import { SOCKET_PORT, socketDirFor } from '../src-embedded/postgres/socket.ts';
import { makeLaunchNonce } from '../src-runtime/launch-nonce.ts';
import { createLogger } from '../src-runtime/log.ts';
import type { Ports } from '../src-shared/ports.ts';
import type { ReadyLine } from '../src-shared/ready-line.ts';
import { stationChildren } from './children.ts';
import { takenPorts } from './free-ports.ts';
import { type MetricsSource, serveMetrics } from './metrics.ts';
import { operatorEnvironment } from './operator-environment.ts';
import type { Options } from './options.ts';
import { defaultDataDir, projectDir } from './paths.ts';
import { planStation, type StationPlan } from './plan.ts';
import { isSettled } from './readiness.ts';
import { localSecrets } from './secrets.ts';
import { readSettings } from './settings.ts';
import { ensureChildren } from './setup/children-build.ts';
import { ensureDebianPackages, SPEECH_PACKAGES } from './setup/debian-packages.ts';
import { ensureLivekitServer } from './setup/livekit-binary.ts';
import { ensurePage } from './setup/page-build.ts';
import type { Progress } from './setup/progress.ts';
import { ProcessRecord } from './supervisor/run-file.ts';
import { type ChildStatus, Supervisor } from './supervisor/supervisor.ts';

/** How long a start may take once everything is installed; after that what is missing is named and the rest runs. */
const READY_TIMEOUT_MS = 90_000;
const PORTS_PATIENCE_MS = 3_000;
const PORTS_POLL_MS = 100;

const ENROL_FIRST =
  'This box is not a kiosk of the fleet yet (RELAY_URL is set). Ask staff for a one-time code, then: npm run enrol -- --code XXXX-XXXX-XXXX (with --data DIR when the start has it).';

export interface RunningStation {
  plan: StationPlan;
  /** A fresh one-use address of the customer page. */
  launchUrl(): string;
  /** Resolves when the station process serves the page: the window can be opened while the rest still starts. */
  pageReady(): Promise<void>;
  ready(): Promise<ReadyLine>;
  statuses(): ChildStatus[];
  restart(child: string): void;
  stop(): Promise<void>;
}

/**
 * Starts a station; resolves as soon as the children are being started (`ready()` waits for them).
 * @throws Error with a message for the operator: settings, a taken port, another station on the data directory
 */
export async function startStation(options: Options, progress: Progress): Promise<RunningStation> {
  const settings = readSettings(operatorEnvironment());
  const dataDir = resolve(options.dataDir ?? settings.MINDBOT_DATA_DIR ?? defaultDataDir(process.env));
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const record = new ProcessRecord(join(dataDir, 'run', 'processes.json'));
  const leftovers = record.clearLeftovers();
  if (leftovers.length > 0) progress.say(`Ended what an earlier start left behind: ${leftovers.join(', ')}`);
  await record.leftoversGone();
  const secrets = await localSecrets(dataDir);
  if (settings.RELAY_URL && !secrets.kiosk.enrolledAt) throw new Error(ENROL_FIRST);
  const plan = planStation({
    settings,
    portBase: options.portBase,
    secrets,
    dataDir,
    logDir: join(dataDir, 'logs'),
  });
  await assertPortsFree(plan.ports);
  const [pageDir, builtDir, livekitBinary] = await Promise.all([
    ensurePage(projectDir(), progress),
    options.sources ? undefined : ensureChildren(projectDir(), progress),
    plan.parts.livekit ? ensureLivekitServer(projectDir(), progress) : undefined,
    plan.parts.deepgram ? ensureDebianPackages(SPEECH_PACKAGES, progress) : undefined,
  ]);
  const log = createLogger({
    service: 'host',
    dir: plan.logDir,
    file: 'host.log',
    level: settings.LOG_LEVEL,
  });
  const supervisor = new Supervisor(stationChildren({ plan, livekitBinary, pageDir, builtDir }), record, log);
  const metrics = await serveMetrics(plan.ports.metrics, metricsSources(plan), () => supervisor.statuses());
  supervisor.start();
  const launchUrl = () => `${plan.urls.station}/launch?nonce=${makeLaunchNonce(plan.secrets.launchSecret)}`;
  return {
    plan,
    launchUrl,
    pageReady: () => until(supervisor, () => servesPage(supervisor)),
    ready: () => whenReady(plan, supervisor, progress, launchUrl, plan.parts.livekit && !livekitBinary),
    statuses: () => supervisor.statuses(),
    restart: (child) => supervisor.restart(child),
    stop: () => stopAll(supervisor, metrics),
  };
}

async function stopAll(supervisor: Supervisor, metrics: Server): Promise<void> {
  metrics.close();
  metrics.closeAllConnections();
  await supervisor.stop();
}

function metricsSources(plan: StationPlan): MetricsSource[] {
  const at = (name: string, port: number) => ({ name, url: `http://127.0.0.1:${port}/metrics` });
  const { ports, parts } = plan;
  return [
    at('station', ports.station),
    ...(plan.settings.RELAY_URL ? [] : [at('relay', ports.relay)]),
    at('agent', ports.agentHealth),
    ...(parts.supabase ? [at('supabase', ports.supabase)] : []),
    ...(parts.stripe ? [at('stripe', ports.stripe)] : []),
    ...(parts.openai || parts.deepgram ? [at('speech', ports.speech)] : []),
  ];
}

/**
 * A port that somebody else holds would only show as a child that never gets well; say it plainly. Not at the first
 * look: a process that was killed holds its ports until the last of its threads is gone.
 */
async function assertPortsFree(ports: Ports): Promise<void> {
  const deadlineMs = performance.now() + PORTS_PATIENCE_MS;
  let taken = await takenPorts(ports);
  while (taken.length > 0 && performance.now() < deadlineMs) {
    await delay(PORTS_POLL_MS);
    taken = await takenPorts(ports);
  }
  if (taken.length === 0) return;
  const list = taken.map(({ name, port }) => `${port} (${name})`).join(', ');
  throw new Error(
    `Another program uses port ${list}. Stop it, or start with --port-base N to move all ports to N … N+99 (for example --port-base 8200).`,
  );
}

/** Waits until every child is well, or names those that are not and goes on with the rest. */
async function whenReady(
  plan: StationPlan,
  supervisor: Supervisor,
  progress: Progress,
  launchUrl: () => string,
  lacksVoice: boolean,
): Promise<ReadyLine> {
  const waiting = () => supervisor.statuses().filter((child) => child.status !== 'ok');
  await until(supervisor, () => waiting().every((child) => isSettled(child, lacksVoice)));
  for (const child of waiting()) {
    progress.say(
      `${child.name} is not well: ${child.notes.join('; ') || child.lastExit || child.phase}. Its log is in ${plan.logDir}.`,
    );
  }
  return readyLine(plan, launchUrl());
}

/** Resolves when `condition` holds after a change of any child, or after READY_TIMEOUT_MS. */
function until(supervisor: Supervisor, condition: () => boolean): Promise<void> {
  return new Promise((done) => {
    const finish = () => {
      clearTimeout(timer);
      end();
      done();
    };
    const end = supervisor.onChange(() => condition() && finish());
    const timer = setTimeout(finish, READY_TIMEOUT_MS);
    if (condition()) finish();
  });
}

function servesPage(supervisor: Supervisor): boolean {
  return supervisor.statuses().some((child) => child.name === 'station' && child.phase === 'ready');
}

function readyLine(plan: StationPlan, ui: string): ReadyLine {
  const { urls, keys, parts, secrets, dataDir } = plan;
  return {
    ready: true,
    ui,
    admin: `${urls.station}/admin`,
    relay: urls.relay,
    supabase: { url: urls.supabase, anonKey: keys.supabaseAnon },
    stripe: urls.stripe,
    speech: urls.speech,
    livekit: urls.livekit,
    agentHealth: urls.agentHealth,
    metrics: urls.metrics,
    dataDir,
    ...(parts.supabase
      ? {
          postgres: connectionUrl({
            host: socketDirFor(join(dataDir, 'postgres')),
            port: SOCKET_PORT,
            user: 'postgres',
            password: secrets.postgres.ownerPassword,
            database: DATABASE,
          }),
          serviceRoleKey: keys.supabaseServiceRole,
        }
      : {}),
  };
}
