/** The supervisor with real processes: what is started comes back, and nothing outlives its parent. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src-main/supervisor/child-machine.ts';
import type { ChildSpec } from '../../../src-main/supervisor/child-spec.ts';
import { ProcessRecord, processStartTime } from '../../../src-main/supervisor/run-file.ts';
import { signalGroup } from '../../../src-main/supervisor/spawn.ts';
import {
  type ChildStatus,
  type SupervisionTiming,
  Supervisor,
} from '../../../src-main/supervisor/supervisor.ts';
import { healthReport } from '../../../src-runtime/health.ts';
import { createLogger } from '../../../src-runtime/log.ts';
import { freePort } from '../../support/processes/free-port.ts';
import { eventually, fixtureSpec, grandchildPid, isRunning } from '../../support/processes/supervised.ts';

const CHILD = fileURLToPath(new URL('../../support/programs/supervised-child.ts', import.meta.url));
const HOST = fileURLToPath(new URL('../../support/programs/tiny-host.ts', import.meta.url));
const IMPATIENT: SupervisionTiming = {
  heartbeatMs: 100,
  probeTimeoutMs: 200,
  limits: { ...DEFAULT_LIMITS, stopTimeoutMs: 300, slowRetryMs: 200 },
};

let dir = '';
let port = 0;
const supervisors: Supervisor[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mindbot-supervisor-'));
  port = await freePort();
});

afterEach(async () => {
  for (const supervisor of supervisors.splice(0)) await supervisor.stop();
  await rm(dir, { recursive: true, force: true });
});

function start(specs: ChildSpec[], timing?: SupervisionTiming): Supervisor {
  const log = createLogger({ service: 'test', level: 'silent' });
  const supervisor = new Supervisor(specs, new ProcessRecord(runFile()), log, timing);
  supervisors.push(supervisor);
  supervisor.start();
  return supervisor;
}

function runFile(): string {
  return join(dir, 'run', 'processes.json');
}

function only(supervisor: Supervisor): ChildStatus {
  const [child] = supervisor.statuses();
  if (!child) throw new Error('no child');
  return child;
}

/** Waits for a ready child; gives its pid. */
async function readyPid(supervisor: Supervisor, name?: string): Promise<number> {
  const find = () => supervisor.statuses().find((child) => !name || child.name === name);
  return eventually(`${name ?? 'child'} is ready`, () => {
    const child = find();
    return child?.phase === 'ready' ? child.pid : null;
  });
}

describe('a supervised process', () => {
  it('is started, found well, and written into the run file with its start time', async () => {
    const supervisor = start([fixtureSpec({ port, dir })]);
    const pid = await readyPid(supervisor);
    expect(only(supervisor)).toMatchObject({ status: 'ok', restarts: 0, lastExit: null });
    const record: unknown = JSON.parse(await readFile(runFile(), 'utf8'));
    expect(record).toMatchObject({
      host: { pid: process.pid },
      children: [{ name: 'fixture', pid, startTime: processStartTime(pid) }],
    });
    expect((await stat(runFile())).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir, 'fixture.out'))).mode & 0o777).toBe(0o600);
  });

  it('gets the environment of its specification and nothing of ours', async () => {
    process.env['STRIPE_SECRET_KEY'] = 'sk_test_of_the_host';
    try {
      await readyPid(start([fixtureSpec({ port, dir })]));
      const seen = (await (await fetch(`http://127.0.0.1:${port}/environment`)).json()) as object;
      expect(
        Object.keys(seen)
          .filter((name) => name !== '_')
          .sort(),
      ).toEqual([
        'LOG_LEVEL',
        'MINDBOT_DATA_DIR',
        'MINDBOT_INSTANCE_ID',
        'MINDBOT_STDIN_LIFELINE',
        'PATH',
        'PORT',
      ]);
    } finally {
      delete process.env['STRIPE_SECRET_KEY'];
    }
  });

  it('is back within seconds after kill -9, and what it forked is gone', async () => {
    const supervisor = start([fixtureSpec({ port, dir, env: { FORK_GRANDCHILD: '1' } })]);
    const pid = await readyPid(supervisor);
    const grandchild = await grandchildPid(port);
    const killedAt = performance.now();
    process.kill(pid, 'SIGKILL');
    await eventually(
      'a new process',
      () => only(supervisor).pid !== pid && only(supervisor).phase === 'ready',
    );
    expect(performance.now() - killedAt).toBeLessThan(5_000);
    expect(only(supervisor)).toMatchObject({ restarts: 1, lastExit: 'killed by SIGKILL', status: 'ok' });
    expect(isRunning(grandchild)).toBe(false);
  });

  it('is killed and started again when it hangs', async () => {
    const supervisor = start([fixtureSpec({ port, dir })], IMPATIENT);
    const pid = await readyPid(supervisor);
    await fetch(`http://127.0.0.1:${port}/hang`, { signal: AbortSignal.timeout(100) }).catch(() => undefined);
    await eventually(
      'a new process',
      () => only(supervisor).pid !== pid && only(supervisor).phase === 'ready',
    );
    expect(isRunning(pid)).toBe(false);
    expect(only(supervisor)).toMatchObject({ restarts: 1, lastExit: 'killed by SIGKILL' });
  });

  it('is not taken for well when a stranger answers on its port', async () => {
    const stranger = createServer((_request, response) => {
      response.end(JSON.stringify(healthReport('fixture', 'somebody-else')));
    });
    await new Promise<void>((done) => stranger.listen(0, '127.0.0.1', done));
    try {
      const taken = (stranger.address() as AddressInfo).port;
      const supervisor = start([fixtureSpec({ port: taken, dir })], IMPATIENT);
      const phases = new Set<string>();
      supervisor.onChange(() => phases.add(only(supervisor).phase));
      await eventually('it is started and ends', () => only(supervisor).restarts > 0);
      expect(only(supervisor)).toMatchObject({ status: 'down', lastExit: 'exit code 1' });
      expect(phases).not.toContain('ready');
    } finally {
      stranger.close();
      stranger.closeAllConnections();
    }
  });

  it('that can’t be run is given up, tried again later, and stops cleanly', async () => {
    const broken: ChildSpec = {
      ...fixtureSpec({ port, dir }),
      launch: async () => ({ command: '/nowhere/program', args: [], env: {} }),
    };
    const limits = { ...IMPATIENT.limits, restartsBeforeGivingUp: 1 };
    const supervisor = start([broken], { ...IMPATIENT, limits });
    await eventually('it is given up', () => only(supervisor).phase === 'givenUp');
    await eventually('it is tried again', () => only(supervisor).restarts > 2);
    await supervisor.stop();
    expect(only(supervisor)).toMatchObject({ phase: 'stopped', pid: null });
  });
});

describe('stopping', () => {
  it('leaves no process, nor a name in the run file', async () => {
    const supervisor = start([fixtureSpec({ port, dir, env: { FORK_GRANDCHILD: '1' } })]);
    const pids = [await readyPid(supervisor), await grandchildPid(port)];
    await supervisor.stop();
    expect(pids.filter(isRunning)).toEqual([]);
    expect(only(supervisor)).toMatchObject({ phase: 'stopped', lastExit: 'exit code 0', restarts: 0 });
    expect(JSON.parse(await readFile(runFile(), 'utf8'))).toMatchObject({ children: [] });
  });

  it('kills what does not end when asked, with all it forked', async () => {
    const env = { FORK_GRANDCHILD: '1', IGNORE_SIGTERM: '1' };
    const supervisor = start([fixtureSpec({ port, dir, env })], IMPATIENT);
    const pids = [await readyPid(supervisor), await grandchildPid(port)];
    await supervisor.stop();
    expect(only(supervisor).lastExit).toBe('killed by SIGKILL');
    // What the child forked is killed with it, and needs a moment to be gone.
    await eventually('all are gone', () => pids.filter(isRunning).length === 0);
  });

  it('ends a child whose preparation is still under way', async () => {
    let prepare: (() => void) | undefined;
    const spec = fixtureSpec({ port, dir });
    const slow: ChildSpec = {
      ...spec,
      async launch(instanceId) {
        await new Promise<void>((resolve) => {
          prepare = resolve;
        });
        return spec.launch(instanceId);
      },
    };
    const supervisor = start([slow]);
    const stopped = supervisor.stop();
    prepare?.();
    await stopped;
    expect(only(supervisor)).toMatchObject({ phase: 'stopped', pid: null });
  });
});

describe('the end of the host', () => {
  it('by kill -9 leaves neither its child nor its grandchild', async () => {
    const host = spawn(process.execPath, [HOST, dir, String(port)], { stdio: 'ignore' });
    const grandchild = await eventually('the child serves', () => grandchildPid(port).catch(() => null));
    const [child] = await recordedPids();
    expect([child, grandchild].map((pid) => isRunning(pid ?? 0))).toEqual([true, true]);
    host.kill('SIGKILL');
    await eventually('both are gone', () => ![child, grandchild].some((pid) => isRunning(pid ?? 0)), 6_000);
  });

  it('is noticed by a child through the end of its stdin, where the kernel does not tell it', async () => {
    const child = spawn(process.execPath, [CHILD], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PORT: String(port), MINDBOT_DATA_DIR: dir, LOG_LEVEL: 'silent', MINDBOT_STDIN_LIFELINE: '1' },
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await eventually('the child serves', () => fetch(`http://127.0.0.1:${port}/health`).catch(() => null));
    child.stdin?.end();
    expect(await ended).toBe(0);
  });
});

describe('what an earlier host left behind', () => {
  /** A process that leads its own group, as a leftover child does, and the pid of a host that is gone. */
  async function leftover(change: (record: LeftoverRecord) => void = () => undefined): Promise<number> {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1_000)'], {
      stdio: 'ignore',
      detached: true,
    });
    const pid = child.pid ?? 0;
    const record: LeftoverRecord = {
      bootId: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
      host: { pid: process.pid, startTime: 'of a host that is gone' },
      children: [{ name: 'agent', pid, startTime: processStartTime(pid) ?? '' }],
    };
    change(record);
    new ProcessRecord(runFile()).add('nothing', 0); // makes the folder
    await writeFile(runFile(), JSON.stringify(record));
    return pid;
  }

  interface LeftoverRecord {
    bootId: string;
    host: { pid: number; startTime: string };
    children: { name: string; pid: number; startTime: string }[];
  }

  it('is ended when pid, start time and boot match', async () => {
    const pid = await leftover();
    const record = new ProcessRecord(runFile());
    expect(record.clearLeftovers()).toEqual(['agent']);
    await record.leftoversGone();
    expect(processStartTime(pid)).toBeNull();
  });

  it.each([
    ['start time', (record: LeftoverRecord) => record.children.map((child) => (child.startTime = '1'))],
    ['boot', (record: LeftoverRecord) => (record.bootId = 'another boot')],
  ])('is left alone when its %s differs', async (_what, change) => {
    const pid = await leftover(change);
    try {
      expect(new ProcessRecord(runFile()).clearLeftovers()).toEqual([]);
      expect(isRunning(pid)).toBe(true);
    } finally {
      signalGroup(pid, 'SIGKILL');
    }
  });

  it('stops the start when that host still runs', async () => {
    const pid = await leftover((record) => {
      record.host = { pid: process.ppid, startTime: processStartTime(process.ppid) ?? '' };
    });
    try {
      expect(() => new ProcessRecord(runFile()).clearLeftovers()).toThrow(/--data/);
      expect(isRunning(pid)).toBe(true);
    } finally {
      signalGroup(pid, 'SIGKILL');
    }
  });

  it('does not matter when the file is missing or broken', async () => {
    expect(new ProcessRecord(runFile()).clearLeftovers()).toEqual([]);
    await leftover().then((pid) => signalGroup(pid, 'SIGKILL'));
    await writeFile(runFile(), '{"bootId":');
    expect(new ProcessRecord(runFile()).clearLeftovers()).toEqual([]);
  });
});

async function recordedPids(): Promise<number[]> {
  const record = JSON.parse(await readFile(runFile(), 'utf8')) as { children: { pid: number }[] };
  return record.children.map((child) => child.pid);
}
