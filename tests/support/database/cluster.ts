/** Runs an embedded cluster as a child of the test process. See database.ts for what tests use. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type PreparedCluster, probeCluster } from '../../../src-embedded/postgres/cluster.ts';

const DEBIAN_15_BIN = '/usr/lib/postgresql/15/bin';
const START_TIMEOUT_MS = 20_000;

/** Which binaries to use for a version. @throws Error when Debian's 15 is missing */
export function binDirFor(version: 17 | 15): { binDir?: string } {
  if (version === 17) return {};
  if (existsSync(join(DEBIAN_15_BIN, 'postgres'))) return { binDir: DEBIAN_15_BIN };
  throw new Error('This test runs on PostgreSQL 15 too: install Debian\'s package "postgresql-15".');
}

export interface RunningCluster {
  stop(): Promise<void>;
}

/** Starts `cluster` and waits until it answers. */
export async function runCluster(cluster: PreparedCluster): Promise<RunningCluster> {
  const child = spawn(cluster.command, cluster.args, {
    env: cluster.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4_000);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      await probeCluster(cluster.connection);
      break;
    } catch (error) {
      if (hasEnded(child) || performance.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error(`The test database did not start:\n${output}`, { cause: error });
      }
      await delay(15);
    }
  }
  return {
    stop: async () => {
      if (!hasEnded(child)) child.kill(cluster.stopSignal);
      await ended;
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
