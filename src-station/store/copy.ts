/** Copies of a store's file: for reading beside a running station, and for getting at what a damaged file still holds. */
import {
  closeSync,
  copyFileSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foldWal, walDamage } from './wal.ts';

/** A running station may write while its file is copied; such a copy is made again. */
const COPIES = 5;
const HEADER_BYTES = 100;

/** Copies a file with its write-ahead log. */
export function copyStoreFile(from: string, to: string): void {
  for (const suffix of ['', '-wal']) {
    if (existsSync(`${from}${suffix}`)) copyFileSync(`${from}${suffix}`, `${to}${suffix}`);
  }
}

/** Hands `read` a copy of the file at `path` during which nothing was written, and removes it afterwards. */
export function withCopy<Result>(path: string, read: (copy: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'mindbot-usage-'));
  try {
    const copy = join(folder, 'usage.sqlite');
    for (let copies = 0; copies < COPIES; copies += 1) {
      rmSync(`${copy}-wal`, { force: true });
      const before = stampOf(path);
      copyStoreFile(path, copy);
      if (stampOf(path) === before) break;
    }
    return read(copy);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Mends a copy as far as it can be, so that SQLite reads what is there: a file that was cut off is filled up with zeros
 * to the length it says it has; of a damaged write-ahead log all that is whole is used.
 */
export function makeReadable(copy: string): void {
  fillUp(copy);
  if (walDamage(copy) !== null) foldWal(copy);
}

/** Changes with every write. */
function stampOf(path: string): string {
  return ['', '-wal']
    .map((suffix) => statSync(`${path}${suffix}`, { throwIfNoEntry: false }))
    .map((stat) => (stat ? `${stat.mtimeMs}:${stat.size}` : '-'))
    .join(' ');
}

/** Lengthens a database file to the number of pages in its header (SQLite file format, offsets 16 and 28). */
function fillUp(path: string): void {
  const header = Buffer.alloc(HEADER_BYTES);
  const file = openSync(path, 'r+');
  try {
    if (readSync(file, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return;
    const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
    const bytes = pageSize * header.readUInt32BE(28);
    const largest = 2 * statSync(path).size + 16 * 1024 * 1024;
    if (bytes > statSync(path).size && bytes <= largest) ftruncateSync(file, bytes);
  } finally {
    closeSync(file);
  }
}
