/**
 * The processes of a campaign under the product's own supervisor: one database, one relay, one Stripe sandbox, one
 * LiveKit server (a talk's leg is a room there; nobody joins it), and a station for each kiosk. Promise: `stop()` ends
 * every process and removes every trace.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@supabase/supabase-js';
import { Pool } from 'pg';
import { DATABASE } from '../../src-embedded/postgres/cluster.ts';
import { SOCKET_PORT, socketDirFor } from '../../src-embedded/postgres/socket.ts';
import { ensureChildren } from '../../src-main/build/ensure-children.ts';
import { ensurePage } from '../../src-main/build/ensure-page.ts';
import { stationChildren } from '../../src-main/children/children.ts';
import { projectDir } from '../../src-main/paths.ts';
import { planStation, type StationPlan } from '../../src-main/plan/plan.ts';
import { localSecrets } from '../../src-main/plan/secrets.ts';
import { readSettings } from '../../src-main/settings/settings.ts';
import { ensureLivekitServer } from '../../src-main/setup/livekit-binary.ts';
import type { Progress } from '../../src-main/setup/progress.ts';
import { DEFAULT_LIMITS } from '../../src-main/supervisor/child-machine.ts';
import type { ChildSpec } from '../../src-main/supervisor/child-spec.ts';
import { ProcessRecord } from '../../src-main/supervisor/run-file.ts';
import { type ChildStatus, Supervisor } from '../../src-main/supervisor/supervisor.ts';
import { createLogger } from '../../src-runtime/log.ts';
import { freePort, freePortRange } from '../support/processes/free-port.ts';
import { TINY_PACKAGE } from './plan.ts';

/** Killed far more often than in life: they must come back each time, and soon. */
const TIMING = {
  heartbeatMs: 1_000,
  probeTimeoutMs: 5_000,
  limits: {
    ...DEFAULT_LIMITS,
    restartsBeforeGivingUp: Number.MAX_SAFE_INTEGER,
    restartWindowMs: 2_000,
    missedBeatsAllowed: 10,
  },
};
const READY_TIMEOUT_MS = 120_000;
const LOOK_EVERY_MS = 100;

export interface Kiosk {
  /** Name of its station among the children. */
  name: string;
  url: string;
  launchSecret: string;
  dataDir: string;
}

export interface Plant {
  kiosks: Kiosk[];
  urls: StationPlan['urls'];
  /** The whole data of the shared parts. */
  dataDir: string;
  /** The database's owner. */
  database: Pool;
  /** Kills what runs of `names` at once (SIGKILL), as a crash would. @returns those that were hit */
  kill(names: readonly string[]): string[];
  statuses(): ChildStatus[];
  stop(): Promise<void>;
}

export interface PlantOptions {
  kiosks: number;
  /** The voice too: speech, agent and the built page. */
  whole: boolean;
  progress: Progress;
}

export async function startPlant(options: PlantOptions): Promise<Plant> {
  const { progress, whole } = options;
  const dataDir = mkdtempSync(join(tmpdir(), 'mindbot-chaos-'));
  const supervisors: Supervisor[] = [];
  let database: Pool | undefined;
  const stop = async () => {
    await database?.end();
    for (const supervisor of supervisors.toReversed()) await supervisor.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const plan = planStation({
      settings: readSettings({ ENVIRONMENT: 'test', LOG_LEVEL: 'info' }),
      portBase: await freePortRange(),
      secrets: await localSecrets(dataDir),
      dataDir,
      logDir: join(dataDir, 'logs'),
    });
    const programs = {
      builtDir: await ensureChildren(projectDir(), progress),
      livekitBinary: await ensureLivekitServer(projectDir(), progress),
      // Where no browser comes the page need not be built.
      pageDir: whole ? await ensurePage(projectDir(), progress) : join(dataDir, 'no-page'),
    };
    const shared = stationChildren({ plan, ...programs }).filter(({ name }) =>
      whole ? name !== 'station' : SHARED.has(name),
    );
    supervisors.push(supervise(dataDir, shared));
    await until('the shared parts are ready', () => allWell(supervisors));
    database = openDatabase(plan);
    await prepareShop(database);
    const stations: ChildSpec[] = [];
    const kiosks: Kiosk[] = [];
    for (let number = 1; number <= options.kiosks; number += 1) {
      const own = await stationPlan(plan, number);
      await enrol(plan, own.secrets.kiosk);
      const [spec] = stationChildren({ plan: own, ...programs }).filter(({ name }) => name === 'station');
      if (!spec) throw new Error('a plan without a station');
      stations.push({ ...spec, name: `station-${number}` });
      kiosks.push({
        name: `station-${number}`,
        url: own.urls.station,
        launchSecret: own.secrets.launchSecret,
        dataDir: own.dataDir,
      });
    }
    supervisors.push(supervise(join(dataDir, 'kiosks'), stations));
    await until('the stations are ready', () =>
      supervisors.every((each) => each.statuses().every(({ phase }) => phase === 'ready')),
    );
    const statuses = () => supervisors.flatMap((each) => each.statuses());
    return {
      kiosks,
      urls: plan.urls,
      dataDir,
      database,
      statuses,
      kill: (names) =>
        statuses().flatMap(({ name, pid }) => (names.includes(name) && hit(pid) ? [name] : [])),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const SHARED: ReadonlySet<string> = new Set(['postgres', 'supabase', 'stripe', 'livekit', 'relay']);

function supervise(dir: string, specs: ChildSpec[]): Supervisor {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const record = new ProcessRecord(join(dir, 'run', 'processes.json'));
  const log = createLogger({ service: 'host', dir: join(dir, 'logs'), file: 'host.log', level: 'info' });
  const supervisor = new Supervisor(specs, record, log, TIMING);
  supervisor.start();
  return supervisor;
}

function allWell(supervisors: readonly Supervisor[]): boolean {
  return supervisors.every((each) => each.statuses().every(({ status }) => status === 'ok'));
}

/** False when it had just ended by itself. */
function hit(pid: number | null): boolean {
  if (pid === null) return false;
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

/** The same installation seen from a further kiosk: own device account, own disk, own port. */
async function stationPlan(plan: StationPlan, number: number): Promise<StationPlan> {
  const dataDir = join(plan.dataDir, 'kiosks', String(number));
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  // LiveKit reports to the first one.
  const port = number === 1 ? plan.ports.station : await freePort();
  const kioskId = randomUUID();
  const key = () => randomBytes(32).toString('base64url');
  const kiosk = {
    kioskId,
    name: `kiosk ${number}`,
    email: `kiosk-${kioskId}@kiosk.invalid`,
    password: key(),
  };
  return {
    ...plan,
    dataDir,
    logDir: join(dataDir, 'logs'),
    ports: { ...plan.ports, station: port },
    urls: { ...plan.urls, station: `http://127.0.0.1:${port}` },
    secrets: { ...plan.secrets, kiosk, storeMacKey: key(), launchSecret: key() },
  };
}

function openDatabase(plan: StationPlan): Pool {
  const pool = new Pool({
    host: socketDirFor(join(plan.dataDir, 'postgres')),
    port: SOCKET_PORT,
    user: 'postgres',
    password: plan.secrets.postgres.ownerPassword,
    database: DATABASE,
    max: 2,
  });
  // Its server is killed again and again; a query says so by itself.
  pool.on('error', () => undefined);
  return pool;
}

async function prepareShop(database: Pool): Promise<void> {
  const { id, paidSeconds, bonusSeconds, priceCents } = TINY_PACKAGE;
  await database.query(
    `insert into public.pricing_tiers (id, name, description, paid_seconds, bonus_seconds, price_cents)
     values ($1, 'Chaos', 'A few seconds', $2, $3, $4)`,
    [id, paidSeconds, bonusSeconds, priceCents],
  );
}

async function enrol(plan: StationPlan, account: StationPlan['secrets']['kiosk']): Promise<void> {
  const client = createClient(plan.urls.supabase, plan.keys.supabaseServiceRole, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { data, error } = await client.auth.admin.createUser({
    email: account.email,
    password: account.password,
    email_confirm: true,
    app_metadata: { kind: 'kiosk', kiosk_id: account.kioskId },
  });
  if (error) throw error;
  const enrolled = await client.rpc('enrol_kiosk', {
    p_kiosk_id: account.kioskId,
    p_auth_user_id: data.user.id,
    p_name: account.name,
  });
  if (enrolled.error) throw enrolled.error;
}

/** Waits until `condition` holds. @throws Error that names `what` when it takes too long */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = READY_TIMEOUT_MS,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${timeoutMs / 1000} s: ${what}`);
    await delay(LOOK_EVERY_MS);
  }
}
