/** The data directory: ours to write, closed to others, on a disk with room and safe for a database. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Check, type Finding, fail, ok, warn } from '../check.ts';

const NAME = 'Data directory';
const GIGABYTE = 1e9;
const LEAST_FREE_BYTES = 0.5 * GIGABYTE;
const COMFORTABLE_FREE_BYTES = 5 * GIGABYTE;
/** Magic number of tmpfs in statfs(2). */
const TMPFS = 0x01021994;

export const checkDataDirectory: Check = ({ dataDir }) => {
  const existing = nearestExisting(dataDir);
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
  } catch {
    return [fail(NAME, `${existing} can't be written`, 'change its owner, or start with --data DIRECTORY')];
  }
  const made = existing === dataDir ? '' : ' (made at the first start)';
  return [...isPrivate(dataDir), ok(NAME, `${dataDir}${made}`), disk(existing)];
};

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

function isPrivate(dataDir: string): Finding[] {
  const secrets = join(dataDir, 'secrets');
  const mode = statSync(secrets, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o077) === 0) return [];
  return [fail(NAME, `${secrets} is open to other users of this machine`, `run: chmod 700 ${secrets}`)];
}

function disk(path: string): Finding {
  const { bavail, bsize, type } = statfsSync(path);
  const free = bavail * bsize;
  const text = `${(free / GIGABYTE).toFixed(1)} GB free`;
  if (type === TMPFS) {
    return warn('Disk', `${path} is in memory: all is lost at power-off`, 'start with --data on a disk');
  }
  if (free < LEAST_FREE_BYTES) return fail('Disk', text, 'make room: used time could not be written down');
  return free < COMFORTABLE_FREE_BYTES ? warn('Disk', text, 'make room soon') : ok('Disk', text);
}
