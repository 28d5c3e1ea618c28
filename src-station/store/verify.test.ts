import { randomUUID } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testFolder } from './folder.test-kit.ts';
import { type UsageEntry, UsageStore } from './usage-store.ts';
import { verifyUsage } from './verify.ts';

const KEY = new Uint8Array(32).fill(7);
const WALL_MS = Date.UTC(2026, 10, 1);
const [FIRST, SECOND] = [randomUUID(), randomUUID()];

let dir: string;
let store: UsageStore;

beforeEach(() => {
  dir = testFolder('verify');
  store = new UsageStore({ dir, key: KEY, wallMs: () => WALL_MS, lockWaitMs: 0 });
  store.append([
    entry('talk_started', FIRST),
    entry('tick', FIRST),
    entry('tick', FIRST),
    entry('talk_ended', FIRST),
  ]);
  store.append([entry('talk_started', SECOND), entry('tick', SECOND)]);
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

function entry(kind: UsageEntry['kind'], talkId: string): UsageEntry {
  const ids = { leaseId: null, userId: null, visitId: null };
  const note = kind === 'talk_ended' ? 'customer' : '';
  return { kind, talkId, ...ids, seconds: kind === 'tick' ? 1 : 0, note, atMs: WALL_MS };
}

/** Changes the file behind the store's back. */
function tamper(sql: string): void {
  store.close();
  const database = new SqliteDatabase(join(dir, 'usage.sqlite'));
  database.exec(sql);
  database.close();
}

const faultsOf = (key: Uint8Array | null = KEY) => verifyUsage(dir, key).epochs.map(({ fault }) => fault);

describe('a sound log', () => {
  it('is proven while the station has it open, and says what each talk was charged', () => {
    const { epochs, talks, sealsChecked } = verifyUsage(dir, KEY);
    expect(sealsChecked).toBe(true);
    expect(epochs).toMatchObject([
      { state: 'current', firstSeq: 1, lastSeq: 6, confirmedSeq: 0, fault: null },
    ]);
    expect(talks).toMatchObject([
      { talkId: FIRST, seconds: 2, endReason: 'customer', confirmed: false },
      { talkId: SECOND, seconds: 1, endReason: null },
    ]);
    store.append([entry('tick', SECOND)]);
    expect(verifyUsage(dir, KEY).talks[1]?.seconds).toBe(2);
  });

  it('says which talks the server has confirmed', () => {
    store.confirm(store.epoch, 4);
    expect(verifyUsage(dir, KEY).talks.map(({ confirmed }) => confirmed)).toEqual([true, false]);
  });
});

describe('a log that was tampered with', () => {
  it.each([
    ['an edited second', 'UPDATE usage_rows SET seconds = 5 WHERE seq = 2', 'row 2 was changed'],
    ['a row removed', 'DELETE FROM usage_rows WHERE seq = 3', 'row 4 does not follow row 2'],
    ['the last row removed', 'DELETE FROM usage_rows WHERE seq = 6', 'the log ends at row 5, not at row 6'],
    [
      'two rows swapped',
      'UPDATE usage_rows SET row_id = 99 WHERE seq = 2; UPDATE usage_rows SET row_id = row_id - 1 WHERE seq = 3; UPDATE usage_rows SET row_id = (1 << 40) + 3 WHERE row_id = 99',
      'row 2 was changed',
    ],
    ['the end moved', 'UPDATE epochs SET confirmed_seq = 6', 'the record of where it ends was changed'],
  ])('shows %s', (_what, sql, fault) => {
    tamper(sql);
    expect(faultsOf()).toEqual([fault]);
  });

  it('shows a chain made anew by somebody without the key', () => {
    tamper("UPDATE usage_rows SET mac = 'ab' WHERE seq = 2");
    expect(faultsOf()).toEqual(['row 2 was changed']);
    expect(faultsOf(null)).toEqual([null]);
    expect(verifyUsage(dir, null).sealsChecked).toBe(false);
  });
});

it('says that the write-ahead log is damaged, of which SQLite would be silent', () => {
  for (let second = 0; second < 20; second += 1) store.append([entry('tick', SECOND)]);
  const file = openSync(join(dir, 'usage.sqlite-wal'), 'r+');
  writeSync(file, Buffer.alloc(16, 0xa5), 0, 16, 40_000);
  closeSync(file);
  expect(() => verifyUsage(dir, KEY)).toThrow(/write-ahead log is damaged/);
});

it('says that there is no log, or that it is no database', () => {
  expect(() => verifyUsage(join(dir, 'elsewhere'), KEY)).toThrow(/no usage log/);
  tamper('DROP TABLE usage_rows');
  expect(() => verifyUsage(dir, KEY)).toThrow(/can't be read/);
});
