/** The wall clock against times it can't be before: those of our own files. No network is asked. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, fail, ok } from '../check.ts';

/** Writing and reading a file time may round by this much. */
const TOLERANCE_MS = 60_000;

export const checkClock: Check = ({ projectDir, dataDir }) => {
  const nowMs = Date.now();
  const newest = newestFile([
    join(projectDir, 'package.json'),
    ...filesIn(join(dataDir, 'logs')),
    ...filesIn(join(dataDir, 'run')),
  ]);
  const now = new Date(nowMs).toISOString();
  if (newest.timeMs <= nowMs + TOLERANCE_MS) return [ok('Clock', now)];
  const written = new Date(newest.timeMs).toISOString();
  return [
    fail(
      'Clock',
      `${now} is before ${newest.path} was written (${written})`,
      'set the clock; on Debian: sudo apt-get install systemd-timesyncd',
    ),
  ];
};

function filesIn(dir: string): string[] {
  try {
    return readdirSync(dir).map((name) => join(dir, name));
  } catch {
    return [];
  }
}

function newestFile(paths: readonly string[]): { path: string; timeMs: number } {
  let newest = { path: '', timeMs: 0 };
  for (const path of paths) {
    const timeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (timeMs > newest.timeMs) newest = { path, timeMs };
  }
  return newest;
}
