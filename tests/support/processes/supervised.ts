/** A supervised fixture child (tests/support/programs/supervised-child.ts) and what the tests ask about processes. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ChildSpec } from '../../../src-main/supervisor/child-spec.ts';
import { probeHealth } from '../../../src-main/supervisor/probes.ts';
import { processStartTime } from '../../../src-main/supervisor/run-file.ts';

const CHILD = fileURLToPath(new URL('../programs/supervised-child.ts', import.meta.url));

export interface FixtureOptions {
  name?: string;
  port: number;
  dir: string;
  env?: Record<string, string>;
}

/** The specification of one fixture child. */
export function fixtureSpec(options: FixtureOptions): ChildSpec {
  const name = options.name ?? 'fixture';
  return {
    name,
    launch: async (instanceId) => ({
      command: process.execPath,
      args: [CHILD],
      env: {
        PATH: process.env['PATH'] ?? '',
        MINDBOT_INSTANCE_ID: instanceId,
        MINDBOT_DATA_DIR: options.dir,
        LOG_LEVEL: 'silent',
        PORT: String(options.port),
        ...options.env,
      },
    }),
    probe: (instanceId, timeoutMs) =>
      probeHealth(`http://127.0.0.1:${options.port}/health`, instanceId, timeoutMs),
    parentDeathSignal: 'TERM',
    stopSignal: 'SIGTERM',
    outputFile: join(options.dir, `${name}.out`),
  };
}

/** Pid of the fixture's own child process. */
export async function grandchildPid(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/grandchild`);
  const { pid } = (await response.json()) as { pid: number | null };
  if (!pid) throw new Error('the fixture has no child of its own');
  return pid;
}

/** Whether a process runs (a zombie does not). */
export function isRunning(pid: number): boolean {
  return processStartTime(pid) !== null;
}

/** Waits until `condition` gives something true; gives that. @throws Error naming `what` after `timeoutMs` */
export async function eventually<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = 10_000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(20);
  }
}
