/** Folders for unit tests of the store: in memory where the system has that, since only real disks make fsync slow. */
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';

/** A new empty folder; the caller removes it. */
export function testFolder(name: string): string {
  return mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), `${name}-`));
}
