/**
 * How fast and how light the station is: the page against a blank one, everything against its slowest part, memory and
 * idle processor time. The first start (which makes the database) is reported and not counted in the rest.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureChildren } from '../../src-main/build/ensure-children.ts';
import { ensurePage } from '../../src-main/build/ensure-page.ts';
import { projectDir } from '../../src-main/paths.ts';
import { terminalProgress } from '../../src-main/setup/progress.ts';
import { type Ports, portsFrom } from '../../src-shared/ports.ts';
import { freePortRange } from '../support/processes/free-port.ts';
import { treeCpuSeconds, treePssMebibytes } from '../support/processes/process-tree.ts';
import { eventually } from '../support/processes/supervised.ts';
import { startTestStation, type TestStation } from '../support/station/station.ts';
import { type Bench, type BenchOptions, type Metric, median } from './bench.ts';
import { healthOf, timeBlankPage, timeFirstScreen } from './first-screen.ts';

const GOAL_PSS_MEBIBYTES = 1024;
const GOAL_IDLE_CPU_PERCENT = 3;
const PATIENCE_MS = 60_000;

export const startBench: Bench = {
  name: 'start',
  what: 'time to the page and to all ready, memory and processor time of an idle station',
  run,
};

interface Place {
  dataDir: string;
  portBase: number;
}

interface Round {
  station: TestStation;
  readyMs: number;
  screenMs: number;
}

async function run({ quick }: BenchOptions, report: (metric: Metric) => void): Promise<void> {
  const progress = terminalProgress(process.stderr);
  await Promise.all([ensurePage(projectDir(), progress), ensureChildren(projectDir(), progress)]);
  const place = { dataDir: mkdtempSync(join(tmpdir(), 'mindbot-bench-')), portBase: await freePortRange() };
  let station: TestStation | undefined;
  try {
    const first = await timedStart(place);
    report({ metric: 'first start, all ready', value: first.readyMs, unit: 'ms', reference: null });
    station = first.station;
    const rounds: (Round & { blankMs: number })[] = [];
    for (let left = quick ? 1 : 3; left > 0; left -= 1) {
      await station.stop({ remove: false });
      const blankMs = await timeBlankPage();
      const round = await timedStart(place);
      station = round.station;
      rounds.push({ ...round, blankMs });
    }
    await reportIdle(place.dataDir, quick, report);
    const middle = (of: (round: (typeof rounds)[number]) => number) => median(rounds.map(of));
    const [screenMs, blankMs] = [middle((round) => round.screenMs), middle((round) => round.blankMs)];
    report({ metric: 'page usable, against a blank page', value: screenMs, unit: 'ms', reference: blankMs });
    const readyMs = middle((round) => round.readyMs);
    const slowestMs = await slowestChildMs(station, portsFrom(place.portBase));
    report({
      metric: 'all ready, against the slowest child alone',
      value: readyMs,
      unit: 'ms',
      reference: slowestMs,
    });
  } finally {
    await station?.stop({ remove: false });
    rmSync(place.dataDir, { recursive: true, force: true });
  }
}

/** Starts the station and, as its own window does, opens the page as soon as the station answers. */
async function timedStart(place: Place): Promise<Round> {
  const beganAt = performance.now();
  const starting = startTestStation(place).then((station) => ({
    station,
    readyMs: performance.now() - beganAt,
  }));
  const [started, screenMs] = await Promise.all([starting, timeFirstScreen(place, beganAt)]);
  return { ...started, screenMs };
}

/** Memory, and the processor time of a while in which nobody does anything. */
async function reportIdle(dataDir: string, quick: boolean, report: (metric: Metric) => void): Promise<void> {
  const host = hostPid(dataDir);
  // Start-up work (just-in-time compilation, first polls) is not idling.
  await delay(quick ? 3_000 : 10_000);
  const before = treeCpuSeconds(host);
  const beganAt = performance.now();
  await delay(quick ? 10_000 : 30_000);
  const seconds = (performance.now() - beganAt) / 1000;
  let usedSeconds = 0;
  for (const [pid, cpuSeconds] of treeCpuSeconds(host)) usedSeconds += cpuSeconds - (before.get(pid) ?? 0);
  report({
    metric: 'idle processor time, share of one core',
    value: (usedSeconds / seconds) * 100,
    unit: '%',
    reference: GOAL_IDLE_CPU_PERCENT,
  });
  report({
    metric: 'memory (PSS) of all processes without the browser',
    value: treePssMebibytes(host),
    unit: 'MiB',
    reference: GOAL_PSS_MEBIBYTES,
  });
}

function hostPid(dataDir: string): number {
  const record = JSON.parse(readFileSync(join(dataDir, 'run', 'processes.json'), 'utf8')) as {
    host: { pid: number };
  };
  return record.host.pid;
}

/**
 * The time of the child that takes longest to be well when it starts alone: each is killed while the others run and
 * idle, and timed from its new process to its first `ok`. The database is left in peace; it is never the slowest.
 */
async function slowestChildMs(station: TestStation, ports: Ports): Promise<number> {
  const children: readonly (readonly [name: string, port: number])[] = [
    ['supabase', ports.supabase],
    ['stripe', ports.stripe],
    ['speech', ports.speech],
    ['relay', ports.relay],
    ['station', ports.station],
    ['agent', ports.agentHealth],
  ];
  let slowestMs = 0;
  for (const [name, port] of children) {
    const killed = station.kill(name);
    await eventually(`${name} is started again`, () => (station.children()[name] ?? killed) !== killed);
    const beganAt = performance.now();
    const isWell = async () => (await healthOf(port))?.status === 'ok';
    await eventually(`${name} is well`, isWell, PATIENCE_MS);
    const ms = performance.now() - beganAt;
    process.stderr.write(`${name} alone: ${Math.round(ms)} ms\n`);
    slowestMs = Math.max(slowestMs, ms);
  }
  return slowestMs;
}
