import { randomUUID } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testFolder } from './folder.test-kit.ts';
import { rowHash } from './usage-chain.ts';
import { UsageStore } from './usage-store.ts';

const KEY = new Uint8Array(32).fill(7);
const WALL_MS = Date.UTC(2026, 10, 1);
const ROWS = 60;
const PAGE_BYTES = 4096;
const FRAME_BYTES = PAGE_BYTES + 24;

let dir: string;
/** The store as a power cut finds it: most of it in the write-ahead log. */
let cut: string;
/** The same store after it was closed: all of it in the file. */
let whole: string;

beforeEach(() => {
  dir = testFolder('damage');
  [cut, whole] = [testFolder('damage-cut'), testFolder('damage-whole')];
  const store = open(dir);
  const ids = { talkId: randomUUID(), leaseId: randomUUID(), userId: randomUUID(), visitId: randomUUID() };
  for (let row = 0; row < ROWS; row++) {
    store.append([{ kind: 'tick', ...ids, seconds: 1, note: '', atMs: WALL_MS }]);
  }
  copyStore(dir, cut);
  store.close();
  copyStore(dir, whole);
});
afterEach(() => {
  for (const folder of [dir, cut, whole]) rmSync(folder, { recursive: true, force: true });
});

function open(folder: string): UsageStore {
  return new UsageStore({ dir: folder, key: KEY, wallMs: () => WALL_MS, lockWaitMs: 0 });
}

function copyStore(from: string, to: string): void {
  for (const name of ['usage.sqlite', 'usage.sqlite-wal']) {
    if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name));
  }
}

/** Opens a copy of the store with `bytes` written over one of its files, and says what was found. */
function openDamaged(from: string, name: string, at: number, bytes: Buffer) {
  const folder = testFolder('damaged');
  try {
    copyStore(from, folder);
    const file = openSync(join(folder, name), 'r+');
    writeSync(file, bytes, 0, bytes.length, at);
    closeSync(file);
    const store = open(folder);
    const rows = store.nextBatch(10_000)?.rows ?? [];
    const isSound = rows.every((row, index) => row.seq === index + 1 && row.hash === rowHash(row));
    const aside = readdirSync(folder).filter((file) => file.endsWith('.corrupt.sqlite')).length;
    const found = { rows: rows.length, isSound, aside, findings: store.findings.length };
    store.close();
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const GARBAGE = Buffer.alloc(16, 0xa5);
const sizeOf = (folder: string, name: string) => statSync(join(folder, name)).size;

describe('damage anywhere in the file', () => {
  it('never stops the start, and never takes a row away in silence', () => {
    const kept: number[] = [];
    for (let at = 0; at < sizeOf(whole, 'usage.sqlite'); at += 509) {
      const found = openDamaged(whole, 'usage.sqlite', at, GARBAGE);
      expect(found.isSound).toBe(true);
      expect(found.aside).toBe(found.findings);
      if (found.findings === 0) expect(found.rows).toBe(ROWS);
      kept.push(found.rows);
    }
    // Hit in the middle, the rows before the damage are kept.
    expect(kept.filter((rows) => rows > 0 && rows < ROWS).length).toBeGreaterThan(5);
  });
});

describe('damage in the write-ahead log', () => {
  const WAL = 'usage.sqlite-wal';

  it('loses nothing to a sound one, nor to one whose last transaction was torn by the power cut', () => {
    const end = sizeOf(cut, WAL);
    expect(openDamaged(cut, WAL, end, Buffer.alloc(0))).toMatchObject({ rows: ROWS, findings: 0 });
    const torn = openDamaged(cut, WAL, end - FRAME_BYTES + 100, GARBAGE);
    expect(torn).toMatchObject({ rows: ROWS - 1, findings: 0, aside: 0 });
  });

  it('is noticed, and the rows behind it are kept too', () => {
    const frames = (sizeOf(cut, WAL) - 32) / FRAME_BYTES;
    let whole = 0;
    for (let frame = 0; frame < frames - 12; frame += 7) {
      for (const offset of [2, 10, 18, 24 + 1_000]) {
        const found = openDamaged(cut, WAL, 32 + frame * FRAME_BYTES + offset, GARBAGE);
        expect(found).toMatchObject({ isSound: true, findings: 1, aside: 1 });
        whole += found.rows === ROWS ? 1 : 0;
      }
    }
    expect(whole).toBeGreaterThan(frames / 7);
  });

  it('is noticed in its head', () => {
    expect(openDamaged(cut, WAL, 4, GARBAGE)).toMatchObject({ isSound: true, findings: 1, aside: 1 });
  });
});
