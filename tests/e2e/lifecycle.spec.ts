/**
 * Starting and ending: nothing outlives the host however it ends, a start after a crash works on the same data, and a
 * start that can't work says why at once.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { portsFrom } from '../../src-shared/ports.ts';
import { startTestStation, type TestStation } from '../support/station/station.ts';
import { queryDatabase } from '../support/station/usage.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Postgres finishes its shutdown by itself; everything else is gone at once. */
const GONE_WITHIN_MS = 15_000;
const REFUSED_WITHIN_MS = 30_000;
/** A start that has nothing to install or build, with room for a busy machine (about 4 s on an idle one). */
const SECOND_START_SECONDS = 30;

let dataDir: string;
let station: TestStation | undefined;

test.beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'mindbot-lifecycle-'));
});

test.afterEach(async () => {
  await station?.stop({ remove: false });
  station = undefined;
});

test.afterAll(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
  test(`${signal} to the host leaves no process behind`, async () => {
    station = await startTestStation({ dataDir });
    const host = hostPid();
    const family = [host, ...descendantsOf(host)];
    const children = Object.entries(station.children());
    expect(children.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        'agent',
        'livekit',
        'postgres',
        'relay',
        'speech',
        'station',
        'stripe',
        'supabase',
      ]),
    );
    for (const [name, pid] of children) expect(family, `${name} belongs to the host`).toContain(pid);

    await station.stop({ remove: false, signal });
    await expect.poll(() => family.filter(isRunning).map(commandOf), { timeout: GONE_WITHIN_MS }).toEqual([]);
    expect(isRunning(process.pid)).toBe(true);
  });
}

test('the data is whole after kill -9 of the host, and a second station on it is refused', async () => {
  station = await startTestStation({ dataDir });
  await queryDatabase(station.ready, `comment on schema public is 'written before the crash'`);
  const { portBase } = station;
  await station.stop({ remove: false, signal: 'SIGKILL' });

  // At once, on the same ports.
  const startedAtMs = performance.now();
  station = await startTestStation({ dataDir, portBase });
  const seconds = (performance.now() - startedAtMs) / 1000;
  test.info().annotations.push({ type: 'start on present data, seconds', description: seconds.toFixed(1) });
  expect(seconds).toBeLessThan(SECOND_START_SECONDS);
  const [row] = await queryDatabase<{ comment: string }>(
    station.ready,
    `select obj_description('public'::regnamespace) as comment`,
  );
  expect(row?.comment).toBe('written before the crash');

  const second = await startRefused(['--data', dataDir, '--port-base', String(portBase + 100)]);
  expect(second.exitCode).toBe(1);
  expect(second.stdout).toBe('');
  expect(second.stderr).toContain(`process ${hostPid()}`);
  expect(second.stderr).toContain('runs on this data directory');
  expect(second.stderr).toContain('--data');
});

test('a taken port is named, with the way around it', async () => {
  const blocker = createServer();
  const port = await new Promise<number>((resolve) => {
    blocker.listen(0, '127.0.0.1', () => {
      const address = blocker.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  try {
    const portBase = port - (portsFrom(8000).station - 8000);
    const refused = await startRefused(['--data', dataDir, '--port-base', String(portBase)]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(`${port} (station)`);
    expect(refused.stderr).toContain('--port-base');
  } finally {
    blocker.close();
  }
});

test('wrong settings are all listed at once, with where to find the right ones', async () => {
  const refused = await startRefused(['--data', dataDir], {
    ENVIRONMENT: 'production',
    SUPABASE_URL: 'not an address',
    STRIPE_SECRET_KEY: 'pk_test_wrong_kind',
    LIVEKIT_URL: 'https://livekit.example',
  });
  expect(refused.exitCode).toBe(1);
  for (const words of [
    'SUPABASE_URL is not an address',
    'SUPABASE_ANON_KEY is missing',
    'SUPABASE_SERVICE_ROLE_KEY is missing',
    'STRIPE_SECRET_KEY must begin with',
    'STRIPE_WEBHOOK_SECRET is missing',
    'LIVEKIT_URL must begin with ws',
    'LIVEKIT_API_KEY is missing',
    'LIVEKIT_API_SECRET is missing',
    'OPENAI_API_KEY is missing',
    'DEEPGRAM_API_KEY is missing',
    'Nothing was started',
  ]) {
    expect(refused.stderr).toContain(words);
  }
  // The value of a secret is never repeated.
  expect(refused.stderr).not.toContain('pk_test_wrong_kind');
});

function hostPid(): number {
  const record = JSON.parse(readFileSync(join(dataDir, 'run', 'processes.json'), 'utf8')) as {
    host: { pid: number };
  };
  return record.host.pid;
}

/** Runs a start that is to fail; ends it when it does not. */
async function startRefused(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['src-main/commands/start.ts', '--headless', '--json', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: REFUSED_WITHIN_MS,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { exitCode, stdout, stderr };
}

/** Process ids below `pid`, at any depth. */
function descendantsOf(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => ({ pid: Number(entry), parent: parentOf(Number(entry)) }));
  const below = (parent: number): number[] =>
    parents.filter((entry) => entry.parent === parent).flatMap((entry) => [entry.pid, ...below(entry.pid)]);
  return below(pid);
}

/** State and parent stand behind the name in parentheses, which may hold anything. */
function statusOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function parentOf(pid: number): number {
  return Number(statusOf(pid)[1]);
}

/** A zombie has ended; only nobody has asked for its exit code yet. */
function isRunning(pid: number): boolean {
  const [state] = statusOf(pid);
  return state !== undefined && state !== 'Z';
}

function commandOf(pid: number): string {
  try {
    return `${pid}: ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`;
  } catch {
    return `${pid}`;
  }
}
