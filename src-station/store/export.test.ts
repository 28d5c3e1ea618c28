import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ExportedRow, exportUsage } from './export.ts';
import { testFolder } from './folder.test-kit.ts';
import { type UsageEntry, UsageStore } from './usage-store.ts';

const KEY = new Uint8Array(32).fill(7);
const WALL_MS = Date.UTC(2026, 10, 1, 12);
const IDS = { talkId: randomUUID(), leaseId: randomUUID(), userId: randomUUID(), visitId: randomUUID() };

let dir: string;
let store: UsageStore;

beforeEach(() => {
  dir = testFolder('export');
  store = open();
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

function open(): UsageStore {
  return new UsageStore({ dir, key: KEY, wallMs: () => WALL_MS, lockWaitMs: 0 });
}

function write(ticks: number): void {
  const tick: UsageEntry = { kind: 'tick', ...IDS, seconds: 1, note: '', atMs: WALL_MS };
  for (let written = 0; written < ticks; written += 1) store.append([tick]);
}

/** Changes the file behind the store's back; what was there is then set aside at the next opening. */
function tamper(sql: string): void {
  store.close();
  const database = new SqliteDatabase(join(dir, 'usage.sqlite'));
  database.exec(sql);
  database.close();
}

function rows(key: Uint8Array | null = KEY): ExportedRow[] {
  return exportUsage(dir, key).filter((row): row is ExportedRow => !('unreadable' in row));
}

/** Hash of a row, before the file is damaged. */
function hashOfRow(seq: number): string {
  return rows().find((row) => row.seq === seq)?.hash ?? '';
}

const shown = (found: ExportedRow[]) =>
  found.map(({ seq, standing, proof, reason }) => [seq, standing, proof, reason]);

it('gives every row with what became of it: confirmed, parked, quarantined, waiting', () => {
  write(4);
  const forked = store.epoch;
  store.confirm(forked, 2);
  store.notes.park(forked, [{ seq: 2, kind: 'tick', reason: 'lease_closed' }]);
  store.quarantine(forked, 'the server is at row 9, which is not ours');
  write(1);
  const found = rows();
  expect(shown(found)).toEqual([
    [1, 'confirmed', 'sealed', null],
    [2, 'parked', 'sealed', 'lease_closed'],
    [3, 'quarantined', 'sealed', 'the server is at row 9, which is not ours'],
    [4, 'quarantined', 'sealed', 'the server is at row 9, which is not ours'],
    [1, 'waiting', 'sealed', null],
  ]);
  expect(found[0]).toMatchObject({ file: 'usage.sqlite', epoch: forked, ...IDS, seconds: 1 });
  expect(found[0]?.at).toBe('2026-11-01T12:00:00.000Z');
  expect(found[0]).not.toHaveProperty('mac');
  expect(rows(null).map(({ proof }) => proof)).toEqual(Array.from({ length: 5 }, () => 'hashed'));
});

it('gives the rows of a file that was set aside once, and says which of them were changed', () => {
  write(5);
  store.confirm(store.epoch, 1);
  tamper('UPDATE usage_rows SET seconds = 9 WHERE seq = 4');
  store = open();
  write(1);
  const [aside] = readdirSync(dir).filter((name) => name.endsWith('.corrupt.sqlite'));
  const found = rows();
  expect(shown(found)).toEqual([
    [2, 'waiting', 'sealed', null],
    [3, 'waiting', 'sealed', null],
    [1, 'waiting', 'sealed', null],
    [1, 'set_aside', 'sealed', null],
    [4, 'set_aside', 'changed', null],
    [5, 'set_aside', 'sealed', null],
  ]);
  expect(found.slice(3).every(({ file }) => file === aside)).toBe(true);
});

it('reads a damaged file up to the damage and behind it, and says where it is', () => {
  write(120);
  store.close();
  const file = join(dir, 'usage.sqlite');
  const damaged = readFileSync(file);
  // The page with the row in the middle: the last whole text of its time.
  const at = damaged.lastIndexOf(hashOfRow(60));
  damaged.fill(0xa5, at - (at % 4096), at - (at % 4096) + 8);
  writeFileSync(file, damaged);
  const found = exportUsage(dir, KEY);
  const hole = found.findIndex((row) => 'unreadable' in row);
  expect(found[hole]).toEqual({ file: 'usage.sqlite', unreadable: 'database disk image is malformed' });
  const [before, behind] = [found.slice(0, hole), found.slice(hole + 1)] as [ExportedRow[], ExportedRow[]];
  expect(before.at(0)?.seq).toBe(1);
  expect(behind.at(-1)?.seq).toBe(120);
  expect(before.length + behind.length).toBeGreaterThan(90);
  expect(behind.map(({ proof }) => proof)).toEqual(['out_of_place', ...behind.slice(1).map(() => 'sealed')]);
  store = open();
});

it('says that there is nothing to export', () => {
  expect(() => exportUsage(join(dir, 'elsewhere'), KEY)).toThrow(/no usage log/);
});
