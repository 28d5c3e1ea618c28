/**
 * One of the product's Node processes as a child of the test, on a free port.
 *
 *   const relay = await startProcess({ entry: 'src-relay/main.ts', env: { … } });   // PORT is added
 *   await relay.stop();
 *
 * Promise: it inherits nothing but PATH, its data lies in a temporary folder, and `stop()` removes every trace.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { HealthReport } from '../../../src-runtime/health.ts';
import { freePort } from './free-port.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const START_TIMEOUT_MS = 20_000;

export interface ProcessOptions {
  /** Path from the root of the repository. */
  entry: string;
  env: Record<string, string>;
  /** Absent: a free one. */
  port?: number;
  /** Absent: a temporary folder, removed by `stop()`. */
  dataDir?: string;
}

export interface TestProcess {
  url: string;
  port: number;
  dataDir: string;
  /** What it wrote to stderr so far, its log included. */
  output(): string;
  health(): Promise<HealthReport>;
  /** Ends it at once, as a crash or power loss would; its data stays. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the process; resolves when its /health answers, whatever the state. */
export async function startProcess(options: ProcessOptions): Promise<TestProcess> {
  const port = options.port ?? (await freePort());
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'mindbot-process-')));
  const instance = randomUUID();
  const child = spawn(process.execPath, [join(ROOT, options.entry)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      MINDBOT_DATA_DIR: dataDir,
      MINDBOT_INSTANCE_ID: instance,
      ENVIRONMENT: 'test',
      LOG_LEVEL: 'info',
      ...options.env,
    },
  });
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-50_000);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const end = async (signal: NodeJS.Signals) => {
    if (!hasEnded(child)) child.kill(signal);
    await ended;
  };
  const url = `http://127.0.0.1:${port}`;
  const health = async () => (await (await fetch(`${url}/health`)).json()) as HealthReport;
  const stop = async () => {
    await end('SIGTERM');
    if (!options.dataDir) await rm(dataDir, { recursive: true, force: true });
  };
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const report = await health().catch(() => undefined);
    if (report?.instance === instance) break;
    if (hasEnded(child) || performance.now() > deadline) {
      await stop();
      throw new Error(`${options.entry} did not start:\n${output}`);
    }
    await delay(20);
  }
  return { url, port, dataDir, output: () => output, health, crash: () => end('SIGKILL'), stop };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
