/**
 * What an earlier run may have left: a Postgres still shutting down, or a lock file whose process number now belongs
 * to something else. Promise: the lock file is removed only when no process works inside the data folder, for a
 * Postgres and each of its workers has that folder as its working directory.
 */
import { readdir, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/** Process numbers whose working directory is `dir`. Empty where the system has no /proc. */
export async function processesIn(dir: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const target = await realpath(dir);
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const cwd = await readlink(`/proc/${entry}/cwd`).catch(() => undefined);
    if (cwd === target) found.push(Number(entry));
  }
  return found;
}

/**
 * Waits until nothing runs in `dataDir` any more, then removes a lock file that was left behind.
 * @throws Error with the process numbers when something still runs there after `timeoutMs`.
 */
export async function clearLeftovers(dataDir: string, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let running = await processesIn(dataDir);
  while (running.length > 0) {
    if (performance.now() > deadline) {
      throw new Error(
        `A database is already running in ${dataDir} (process ${running.join(', ')}). Is the product started twice? If not, end that process and start again.`,
      );
    }
    await delay(POLL_MS);
    running = await processesIn(dataDir);
  }
  // Elsewhere than on Linux nobody can be ruled out: there Postgres decides about its lock file alone.
  if (process.platform === 'linux') await rm(join(dataDir, 'postmaster.pid'), { force: true });
}
