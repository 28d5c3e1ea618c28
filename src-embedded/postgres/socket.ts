/**
 * Where the Unix socket of a cluster lives. A socket's path may have only some 100 bytes, while a data folder may lie
 * deep, so a deep one gets a short private folder under the system's temporary folder. Promise: the folder returned is
 * a real folder, mode 0700, and owned by the account that runs Postgres.
 */
import { chmod, chown, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '../../src-runtime/hash.ts';

/** Bytes of a socket path that every supported system takes (Linux 107, macOS 103). */
export const SOCKET_PATH_MAX_BYTES = 103;

/** The port is only a part of the socket's file name: nothing listens on the network. */
export const SOCKET_PORT = 5432;

const SOCKET_FILE = `.s.PGSQL.${SOCKET_PORT}`;

/** Path of the socket folder for the cluster in `dir`; `temporaryDir` serves where that would be too long. */
export function socketDirFor(dir: string, temporaryDir: string = tmpdir()): string {
  const beside = join(dir, 'socket');
  if (fits(beside)) return beside;
  const id = sha256Hex(dir).slice(0, 16);
  for (const root of [temporaryDir, '/tmp']) {
    const short = join(root, `mindbot-${id}`);
    if (fits(short)) return short;
  }
  throw new Error(`No folder is short enough for the database's socket; set TMPDIR to a shorter path.`);
}

function fits(folder: string): boolean {
  return Buffer.byteLength(join(folder, SOCKET_FILE)) <= SOCKET_PATH_MAX_BYTES;
}

/**
 * Makes the folder private to `owner` (default: the present user).
 * @throws Error when something else is in its place, which may be somebody else's trap.
 */
export async function makePrivateDir(path: string, owner?: { uid: number; gid: number }): Promise<void> {
  let made = true;
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    made = false;
  }
  if (made && owner) await chown(path, owner.uid, owner.gid);
  const found = await lstat(path);
  const wantedUid = owner?.uid ?? process.getuid?.();
  if (!found.isDirectory() || (wantedUid !== undefined && found.uid !== wantedUid)) {
    throw new Error(
      `${path} is not a folder of the account that runs the database. Remove it and start again.`,
    );
  }
  if ((found.mode & 0o777) !== 0o700) await chmod(path, 0o700);
}
