/**
 * SQLite's write-ahead log, read without SQLite (https://www.sqlite.org/fileformat2.html#the_write_ahead_log). SQLite
 * takes a frame whose checksum is wrong for the end of the log: right after a crash, where only a transaction that
 * nobody was told of can be torn, but silent when the disk has damaged the middle. Then acknowledged rows would be gone
 * without a word; here that is noticed, and what follows the damage is put to use.
 */
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** The last bit says that checksums are over big-endian words. */
const MAGIC = 0x377f0682;
/** More than the one transaction that a crash may leave torn. */
const COMMITS_OF_DAMAGE = 2;

interface Frame {
  page: number;
  /** Pages of the database after a commit; 0 for a frame that is no commit. */
  commitPages: number;
  image: Buffer;
}

interface Wal {
  pageBytes: number;
  /** Frames of this log that are whole, each by itself. */
  frames: Frame[];
  /** How many of them SQLite reads: it stops at the first that is not whole. */
  readable: number;
}

type Sums = readonly [number, number];

/** What is wrong with the log of the database at `path`, in words for the operator; null when nothing is or there is none. */
export function walDamage(path: string): string | null {
  const bytes = readWal(path);
  if (!bytes) return null;
  const wal = parseWal(bytes);
  if (!wal) return 'the head of its write-ahead log is damaged';
  const commits = wal.frames.slice(wal.readable).filter(({ commitPages }) => commitPages > 0).length;
  return commits < COMMITS_OF_DAMAGE
    ? null
    : `its write-ahead log is damaged before the last ${commits} transactions`;
}

/** Writes all that is whole of the log into the database file, also what lies behind the damage, and removes the log. */
export function foldWal(path: string): void {
  const wal = parseWal(readWal(path) ?? Buffer.alloc(0));
  const last = wal?.frames.findLastIndex(({ commitPages }) => commitPages > 0) ?? -1;
  if (wal && last >= 0) {
    const file = openSync(path, 'r+');
    try {
      const frames = wal.frames.slice(0, last + 1);
      for (const { page, image } of frames)
        writeSync(file, image, 0, image.length, (page - 1) * wal.pageBytes);
      ftruncateSync(file, (frames[last]?.commitPages ?? 0) * wal.pageBytes);
    } finally {
      closeSync(file);
    }
  }
  rmSync(`${path}-wal`, { force: true });
}

/** Null when there is no log with anything in it. */
function readWal(path: string): Buffer | null {
  if (!existsSync(`${path}-wal`)) return null;
  const bytes = readFileSync(`${path}-wal`);
  return bytes.length > HEADER_BYTES + FRAME_HEADER_BYTES ? bytes : null;
}

/** Null when the log's own head can't be believed. */
function parseWal(bytes: Buffer): Wal | null {
  if (bytes.length < HEADER_BYTES) return null;
  const magic = bytes.readUInt32BE(0);
  const headSums = checksum(bytes.subarray(0, 24), [0, 0], magic);
  if ((magic & ~1) >>> 0 !== MAGIC || !sameSums(headSums, sumsAt(bytes, 24))) return null;
  const pageBytes = bytes.readUInt32BE(8);
  const salts = bytes.subarray(16, 24);
  const frames: Frame[] = [];
  let readable: number | null = null;
  let before = headSums;
  for (let at = HEADER_BYTES; at + FRAME_HEADER_BYTES + pageBytes <= bytes.length; ) {
    const head = bytes.subarray(at, at + FRAME_HEADER_BYTES);
    const image = bytes.subarray(at + FRAME_HEADER_BYTES, at + FRAME_HEADER_BYTES + pageBytes);
    const kept = sumsAt(head, 16);
    const isWhole =
      head.subarray(8, 16).equals(salts) &&
      sameSums(kept, checksum(image, checksum(head.subarray(0, 8), before, magic), magic));
    if (isWhole) frames.push({ page: head.readUInt32BE(0), commitPages: head.readUInt32BE(4), image });
    else readable ??= frames.length;
    // Each sum goes on from the one before: behind a damaged page the kept one still leads on.
    before = kept;
    at += FRAME_HEADER_BYTES + pageBytes;
  }
  return { pageBytes, frames, readable: readable ?? frames.length };
}

function sumsAt(bytes: Buffer, at: number): Sums {
  return [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)];
}

function sameSums(first: Sums, second: Sums): boolean {
  return first[0] === second[0] && first[1] === second[1];
}

/** SQLite's running checksum over pairs of 32-bit words. */
function checksum(bytes: Buffer, from: Sums, magic: number): Sums {
  let [first, second] = from;
  const isBigEndian = (magic & 1) === 1;
  for (let at = 0; at < bytes.length; at += 8) {
    const left = isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
    const right = isBigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4);
    first = (first + left + second) >>> 0;
    second = (second + right + first) >>> 0;
  }
  return [first, second];
}
