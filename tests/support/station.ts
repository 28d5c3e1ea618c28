/**
 * A whole station for end-to-end tests: started by the README's command in a temporary data directory on its own range
 * of ports, read through its ready line, ended with everything it started.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ReadyLine, readyLineSchema } from '../../src-shared/ready-line.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;

export interface TestStation {
  ready: ReadyLine;
  portBase: number;
  /** Kills one child at once (SIGKILL), as a crash would. @returns its process id */
  kill(child: string): number;
  /** Process ids of the children that run now, by name. */
  children(): Record<string, number>;
  /** Asks it to end and waits until it did; the data stays unless `remove`. */
  stop(options?: { remove?: boolean; signal?: NodeJS.Signals }): Promise<void>;
}

export interface StationOptions {
  dataDir?: string;
  portBase?: number;
  env?: Record<string, string>;
}

/** Starts a station; resolves with its ready line. */
export async function startTestStation(options: StationOptions = {}): Promise<TestStation> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'mindbot-e2e-'));
  const portBase = options.portBase ?? (await freePortRange());
  const args = [
    'src-main/start.ts',
    '--headless',
    '--json',
    '--data',
    dataDir,
    '--port-base',
    String(portBase),
  ];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ready = await readyLine(child);
  const children = () => childrenOf(ready.dataDir);
  return {
    ready,
    portBase,
    children,
    kill(name) {
      const pid = children()[name];
      if (!pid) throw new Error(`${name} does not run`);
      process.kill(pid, 'SIGKILL');
      return pid;
    },
    async stop({ remove = true, signal = 'SIGTERM' } = {}) {
      const ended = new Promise<void>((done) => child.once('exit', () => done()));
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        const overdue = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
        await ended;
        clearTimeout(overdue);
      }
      if (remove) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function childrenOf(dataDir: string): Record<string, number> {
  const file = JSON.parse(readFileSync(join(dataDir, 'run', 'processes.json'), 'utf8')) as {
    children: { name: string; pid: number }[];
  };
  return Object.fromEntries(file.children.map(({ name, pid }) => [name, pid]));
}

function readyLine(child: ChildProcess): Promise<ReadyLine> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    const fail = (why: string) => {
      child.kill('SIGKILL');
      reject(new Error(`the station ${why}\n${stdout}\n${stderr}`));
    };
    const timer = setTimeout(() => fail('was not ready in time'), READY_TIMEOUT_MS);
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.once('exit', (code) => fail(`ended with ${code}`));
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      const line = stdout.split('\n').find((text) => text.startsWith('{"ready"'));
      if (!line?.endsWith('}')) return;
      clearTimeout(timer);
      child.removeAllListeners('exit');
      resolve(readyLineSchema.parse(JSON.parse(line)));
    });
  });
}

/** First port of 100 that nobody listens on (looked at by sample: the ones the product uses). */
export async function freePortRange(): Promise<number> {
  for (let base = 12_000 + Math.floor(Math.random() * 400) * 100; ; base += 100) {
    const offsets = [3, 10, 20, 30, 40, 50, 80, 90, 91];
    const free = await Promise.all(offsets.map((offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const server = createServer();
    server.once('error', () => answer(false));
    server.listen(port, '127.0.0.1', () => server.close(() => answer(true)));
  });
}
