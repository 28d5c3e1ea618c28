/**
 * Brings the whole station up and down; both hosts (Electron and browser) are thin wrappers around this. Reads as the
 * list of what a start does.
 */
import { readFileSync, statSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { connectionUrl, DATABASE } from '../../src-embedded/postgres/cluster.ts';
import { SOCKET_PORT, socketDirFor } from '../../src-embedded/postgres/socket.ts';
import { makeLaunchNonce } from '../../src-runtime/launch-nonce.ts';
import { createLogger } from '../../src-runtime/log.ts';
import type { Ports } from '../../src-shared/ports.ts';
import type { ReadyLine } from '../../src-shared/ready-line.ts';
import { ensureChildren } from '../build/ensure-children.ts';
import { ensurePage } from '../build/ensure-page.ts';
import { stationChildren } from '../children/children.ts';
import type { PageServer } from '../children/node-child.ts';
import type { Options } from '../commands/options.ts';
import { projectDir } from '../paths.ts';
import type { StationPlan } from '../plan/plan.ts';
import { ensureDebianPackages, SPEECH_PACKAGES } from '../setup/debian-packages.ts';
import { ensureLivekitServer } from '../setup/livekit-binary.ts';
import type { Progress } from '../setup/progress.ts';
import { type ChildStatus, Supervisor } from '../supervisor/supervisor.ts';
import { assertPortsFree } from './free-ports.ts';
import { lanNotice } from './lan.ts';
import { type MetricsSource, serveMetrics } from './metrics.ts';
import { prepareHost } from './prepare.ts';
import { isSettled, until } from './readiness.ts';

const ENROL_FIRST =
  'This box is not a kiosk of the fleet yet (RELAY_URL is set). Ask staff for a one-time code, then: npm run enrol -- --code XXXX-XXXX-XXXX (with --data DIR when the start has it).';

const NOT_IN_PRODUCTION =
  'npm run dev is for work on the sources, and ENVIRONMENT is production: use npm start. Nothing was started.';

/** The end of a stack trace with what led to it. */
const OUTPUT_TAIL_LETTERS = 1_500;

export interface RunningStation {
  plan: StationPlan;
  /** A fresh one-use address of the customer page. */
  launchUrl(): string;
  /** Resolves when the station process serves the page: the window can be opened while the rest still starts. */
  pageReady(): Promise<void>;
  ready(): Promise<ReadyLine>;
  statuses(): ChildStatus[];
  /**
   * Starts one child again. Resolves when it serves, or with the end of what it wrote when it does not.
   */
  restart(child: string): Promise<string | undefined>;
  stop(): Promise<void>;
}

/** What `npm run dev` changes of a start. */
export interface Development {
  pageServer: PageServer;
  inspectPorts: ReadonlyMap<string, number>;
}

/**
 * Starts a station; resolves as soon as the children are being started (`ready()` waits for them).
 * @throws Error with a message for the operator: settings, a taken port, another station on the data directory
 */
export async function startStation(
  options: Options,
  progress: Progress,
  development?: Development,
): Promise<RunningStation> {
  const { plan, record } = await prepareHost(options, progress);
  if (plan.settings.RELAY_URL && !plan.secrets.kiosk.enrolledAt) throw new Error(ENROL_FIRST);
  if (development && plan.settings.ENVIRONMENT === 'production') throw new Error(NOT_IN_PRODUCTION);
  await assertPortsFree(neededPorts(plan));
  const [pageDir, builtDir, livekitBinary] = await Promise.all([
    development ? join(projectDir(), 'out', 'renderer') : ensurePage(projectDir(), progress),
    options.sources ? undefined : ensureChildren(projectDir(), progress),
    plan.parts.livekit ? ensureLivekitServer(projectDir(), progress) : undefined,
    plan.parts.deepgram ? ensureDebianPackages(SPEECH_PACKAGES, progress) : undefined,
  ]);
  const log = createLogger({
    service: 'host',
    dir: plan.logDir,
    file: 'host.log',
    level: plan.settings.LOG_LEVEL,
  });
  const supervisor = new Supervisor(
    stationChildren({ plan, livekitBinary, pageDir, builtDir, ...development }),
    record,
    log,
  );
  const metrics = await serveMetrics(plan.ports.metrics, metricsSources(plan), () => supervisor.statuses());
  supervisor.start();
  if (plan.lan) progress.say(lanNotice(plan.lan, plan.ports.lan, plan.parts.stripe));
  const launchUrl = () => `${plan.urls.station}/launch?nonce=${makeLaunchNonce(plan.secrets.launchSecret)}`;
  return {
    plan,
    launchUrl,
    pageReady: () => until(supervisor, () => servesPage(supervisor)),
    ready: () => whenReady(plan, supervisor, progress, launchUrl, plan.parts.livekit && !livekitBinary),
    statuses: () => supervisor.statuses(),
    restart: (child) => restarted(plan, supervisor, child),
    stop: () => stopAll(supervisor, metrics),
  };
}

async function restarted(
  plan: StationPlan,
  supervisor: Supervisor,
  child: string,
): Promise<string | undefined> {
  const outputFile = join(plan.logDir, `${child}.out`);
  const earlierBytes = statSync(outputFile, { throwIfNoEntry: false })?.size ?? 0;
  const phase = () => supervisor.statuses().find(({ name }) => name === child)?.phase;
  supervisor.restart(child);
  await until(supervisor, () => ['ready', 'backingOff', 'givenUp'].includes(String(phase())));
  if (phase() === 'ready') return undefined;
  return readFileSync(outputFile).subarray(earlierBytes).toString('utf8').slice(-OUTPUT_TAIL_LETTERS);
}

/** Nobody listens for phones unless that was asked for. */
function neededPorts({ ports, lan }: StationPlan): Partial<Ports> {
  const { lan: lanPort, ...always } = ports;
  return lan ? { ...always, lan: lanPort } : always;
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
    ...(plan.hasAgent ? [at('agent', ports.agentHealth)] : []),
    ...(parts.supabase ? [at('supabase', ports.supabase)] : []),
    ...(parts.stripe ? [at('stripe', ports.stripe)] : []),
    ...(plan.lan ? [at('lan', ports.lan)] : []),
    ...(parts.openai || parts.deepgram ? [at('speech', ports.speech)] : []),
  ];
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
