/**
 * A whole station for end-to-end tests: started by the README's command in a temporary data directory on its own range
 * of ports, read through its ready line, ended with everything it started.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ReadyLine, readyLineSchema } from '../../../src-shared/ready-line.ts';
import { freePortRange } from '../processes/free-port.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;
const LOG_TAIL_LENGTH = 3_000;

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
  /** Children that this test keeps from being well; any other that is not well at the start fails the test there. */
  unwell?: string[];
}

/**
 * Starts a station; resolves with its ready line.
 * @throws Error with what it said when it was not ready in time, or a child was not well (save those of `unwell`)
 */
export async function startTestStation(options: StationOptions = {}): Promise<TestStation> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'mindbot-e2e-'));
  const portBase = options.portBase ?? (await freePortRange());
  const args = [
    'src-main/commands/start.ts',
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
  const ready = await readyLine(child, join(dataDir, 'logs'), options.unwell ?? []);
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

function readyLine(child: ChildProcess, logDir: string, unwell: string[]): Promise<ReadyLine> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    const fail = (why: string) => {
      child.kill('SIGKILL');
      reject(new Error(`the station ${why}\n${stdout}\n${stderr}\n${lastLines(logDir)}`));
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
      // After this round of the event loop: what was written to stderr before the line has been read then.
      setImmediate(() => {
        const sick = [...stderr.matchAll(/(\w+) is not well/g)].map(([, name = '']) => name);
        if (sick.every((name) => unwell.includes(name))) resolve(readyLineSchema.parse(JSON.parse(line)));
        else fail(`started without ${sick.join(', ')}`);
      });
    });
  });
}

/** The end of each log file, for the report of a start that failed. */
function lastLines(logDir: string): string {
  const files = existsSync(logDir) ? readdirSync(logDir).filter((name) => name.endsWith('.log')) : [];
  return files
    .map((name) => `--- ${name}\n${readFileSync(join(logDir, name), 'utf8').slice(-LOG_TAIL_LENGTH)}`)
    .join('\n');
}
