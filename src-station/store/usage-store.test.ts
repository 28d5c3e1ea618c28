import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GENESIS_HASH, usageRowSchema } from '../../src-shared/database.ts';
import { StoreInUseError, StoreWriteError } from './errors.ts';
import { testFolder } from './folder.test-kit.ts';
import { rowHash } from './usage-chain.ts';
import { type UsageEntry, UsageStore } from './usage-store.ts';

vi.setConfig({ testTimeout: 30_000 });

const KEY = new Uint8Array(32).fill(7);
const TALK = randomUUID();
const LEASE = randomUUID();
const USER = randomUUID();
const VISIT = randomUUID();
const WALL_MS = Date.UTC(2026, 10, 1);

let dir: string;
const opened: UsageStore[] = [];

beforeEach(() => {
  dir = testFolder('usage-store');
});
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
  rmSync(dir, { recursive: true, force: true });
});

function open(more: Partial<ConstructorParameters<typeof UsageStore>[0]> = {}): UsageStore {
  const store = new UsageStore({ dir, key: KEY, wallMs: () => WALL_MS, lockWaitMs: 0, ...more });
  opened.push(store);
  return store;
}

function close(store: UsageStore): void {
  opened.splice(opened.indexOf(store), 1);
  store.close();
}

function entry(kind: UsageEntry['kind'], more: Partial<UsageEntry> = {}): UsageEntry {
  const seconds = kind === 'tick' ? 1 : 0;
  const ids = { talkId: TALK, leaseId: LEASE, userId: USER, visitId: VISIT };
  return { kind, ...ids, seconds, note: '', atMs: WALL_MS, ...more };
}

function fill(store: UsageStore, ticks: number): void {
  store.append([entry('talk_started'), ...Array.from({ length: ticks }, () => entry('tick'))]);
}

/** Changes the closed file behind the store's back. */
function tamper(sql: string): void {
  const database = new SqliteDatabase(join(dir, 'usage.sqlite'));
  database.exec(sql);
  database.close();
}

describe('append', () => {
  it('gives rows of the contract, chained from the genesis hash', () => {
    const store = open();
    const rows = store.append([entry('talk_started'), entry('tick')]);
    expect(rows.map((row) => usageRowSchema.parse(row).seq)).toEqual([1, 2]);
    expect(rows[0]?.prevHash).toBe(GENESIS_HASH);
    expect(rows[1]?.prevHash).toBe(rows[0]?.hash);
    expect(rows.every((row) => row.hash === rowHash(row))).toBe(true);
    expect(rows[0]).not.toHaveProperty('mac');
  });

  it('is still there after opening again, in the same epoch', () => {
    const store = open();
    fill(store, 3);
    const { epoch } = store;
    const batch = store.nextBatch(10);
    close(store);
    const again = open();
    expect(again.epoch).toBe(epoch);
    expect(again.findings).toEqual([]);
    expect(again.nextBatch(10)).toEqual(batch);
    expect(again.append([entry('tick')])[0]?.prevHash).toBe(batch?.rows.at(-1)?.hash);
  });

  it('writes all rows of a call or none, and marks the closed lease with them', () => {
    const store = open();
    store.leases.asked({ leaseId: LEASE, talkId: TALK, userId: USER, visitId: VISIT, askedSeconds: 900 });
    const broken = { ...entry('tick'), seconds: -1 };
    expect(() => store.append([entry('lease_closed'), broken])).toThrow(StoreWriteError);
    expect(store.backlogRows).toBe(0);
    expect(store.leases.notClosed).toHaveLength(1);
    store.append([entry('lease_closed')]);
    expect(store.leases.notClosed).toHaveLength(0);
  });

  it('throws when the disk is full, and goes on when there is room again', () => {
    const store = open();
    fill(store, 2);
    close(store);
    const pages = statSync(join(dir, 'usage.sqlite')).size / 4096;
    const full = open({ maxPages: pages + 1 });
    let written = 0;
    expect(() => {
      for (; written < 500; written++) full.append([entry('tick')]);
    }).toThrow(StoreWriteError);
    expect(full.backlogRows).toBe(3 + written);
    close(full);
    const again = open();
    expect(again.findings).toEqual([]);
    expect(again.append([entry('tick')])[0]?.seq).toBe(4 + written);
  });

  it('says when the disk has too little room', () => {
    expect(open({ minFreeBytes: 0 }).hasRoomToBegin()).toBe(true);
    const [store] = opened.splice(0);
    store?.close();
    expect(open({ minFreeBytes: Number.MAX_SAFE_INTEGER }).hasRoomToBegin()).toBe(false);
  });
});

describe('one opener', () => {
  it('refuses a second one with a clear error', () => {
    open();
    expect(() => open()).toThrow(StoreInUseError);
    expect(() => open()).toThrow(/already open in another process/);
  });

  it('opens again after the first one closed, whatever the lock file holds', () => {
    close(open());
    writeFileSync(
      join(dir, 'usage.lock'),
      'not a database, but long enough to look like a broken one'.repeat(40),
    );
    expect(open().findings).toEqual([]);
  });
});

describe('a store that can not be trusted', () => {
  function prepared(): string {
    const store = open();
    fill(store, 6);
    store.leases.asked({ leaseId: LEASE, talkId: TALK, userId: USER, visitId: VISIT, askedSeconds: 900 });
    store.confirm(store.epoch, 2);
    const { epoch } = store;
    close(store);
    return epoch;
  }
  const setAside = () => readdirSync(dir).filter((name) => name.endsWith('.corrupt.sqlite'));

  it.each([
    ['an edited row', 'UPDATE usage_rows SET seconds = 0 WHERE seq = 5', [3, 4]],
    ['a row edited with its hash', `UPDATE usage_rows SET hash = '${'a'.repeat(64)}' WHERE seq = 5`, [3, 4]],
    ['a dropped row', 'DELETE FROM usage_rows WHERE seq = 4', [3]],
    ['a table dropped', 'DROP TABLE parked_rows', [3, 4, 5, 6, 7]],
    ['a dropped last row', 'DELETE FROM usage_rows WHERE seq = 7', [3, 4, 5, 6]],
    ['a head moved over unsent rows', 'UPDATE epochs SET confirmed_seq = 7', [1, 2, 3, 4, 5, 6, 7]],
    [
      'rows dropped together with the head',
      'DELETE FROM usage_rows WHERE seq > 3; UPDATE epochs SET last_seq = 3',
      [1, 2, 3],
    ],
  ])('sets the file aside for %s and keeps the unsent rows before it', (_what, sql, kept) => {
    const epoch = prepared();
    tamper(sql);
    const store = open();
    expect(store.findings).toHaveLength(1);
    expect(setAside()).toHaveLength(1);
    expect(store.epoch).not.toBe(epoch);
    const batch = store.nextBatch(100);
    expect(batch?.epoch).toBe(epoch);
    expect(batch?.rows.map((row) => row.seq)).toEqual(kept);
    expect(store.leases.notClosed.map((lease) => lease.leaseId)).toEqual([LEASE]);
    expect(store.openTalks().map((talk) => talk.talkId)).toEqual([TALK]);
  });

  it('sends what was kept first and then the new epoch', () => {
    const epoch = prepared();
    tamper('UPDATE usage_rows SET seconds = 0 WHERE seq = 5');
    const store = open();
    store.append([entry('talk_ended')]);
    store.confirm(epoch, 4);
    expect(store.nextBatch(10)?.epoch).toBe(store.epoch);
    close(store);
    expect(open().findings).toEqual([]);
  });

  it('still shows what was kept aside before: an epoch for a person, rows that the server would not take', () => {
    const forked = prepared();
    const store = open();
    store.quarantine(forked, 'test');
    store.append([entry('tick'), entry('tick')]);
    store.notes.park(store.epoch, [{ seq: 2, kind: 'tick', reason: 'lease_closed' }]);
    close(store);
    tamper(`UPDATE usage_rows SET note = 'x' WHERE seq = 2 AND ordinal = 2`);
    const mended = open();
    expect(mended.findings[0]).toMatch(/1 unsent rows that verify were kept/);
    expect(mended.quarantined).toEqual([forked]);
    expect(mended.hashAt(forked, 7)).not.toBeNull();
    expect(mended.notes.parkedLately).toEqual([{ seq: 2, kind: 'tick', reason: 'lease_closed' }]);
    expect(mended.backlogRows).toBe(1);
    close(mended);
    expect(open().findings).toEqual([]);
  });

  it('does not believe rows made with another key', () => {
    prepared();
    const store = open({ key: new Uint8Array(32).fill(8) });
    expect(store.findings).toHaveLength(1);
    expect(store.backlogRows).toBe(0);
  });

  it('sets a truncated file aside and keeps what can be read', () => {
    const store = open();
    fill(store, 400);
    const { epoch } = store;
    close(store);
    const path = join(dir, 'usage.sqlite');
    truncateSync(path, statSync(path).size - 3 * 4096);
    const mended = open();
    expect(mended.findings).toHaveLength(1);
    const batch = mended.nextBatch(1_000);
    expect(batch?.epoch).toBe(epoch);
    expect(batch?.rows.length).toBeGreaterThan(100);
    expect(batch?.rows.map((row) => row.seq)).toEqual(batch?.rows.map((_row, index) => index + 1));
    expect(mended.append([entry('tick')])[0]?.seq).toBe(1);
  });

  it('starts afresh when the file is no database at all', () => {
    writeFileSync(join(dir, 'usage.sqlite'), Buffer.alloc(20_000, 'x'));
    const store = open();
    expect(store.findings).toHaveLength(1);
    expect(setAside()).toHaveLength(1);
    expect(store.append([entry('tick')])[0]?.seq).toBe(1);
  });

  it('goes on after a crash between setting the file aside and putting the new one in place', () => {
    prepared();
    tamper('UPDATE usage_rows SET seconds = 0 WHERE seq = 5');
    const mended = open();
    const batch = mended.nextBatch(10);
    close(mended);
    const database = new SqliteDatabase(join(dir, 'usage.sqlite'));
    database.pragma('journal_mode = DELETE');
    database.close();
    const path = join(dir, 'usage.sqlite');
    rmSync(join(dir, 'usage.next.sqlite'), { force: true });
    // As the crash leaves it: the new file still under its first name.
    writeFileSync(join(dir, 'usage.next.sqlite'), readFileSync(path));
    rmSync(path);
    expect(open().nextBatch(10)).toEqual(batch);
  });

  it('refuses a file of a newer program and leaves it alone', () => {
    prepared();
    tamper('PRAGMA user_version = 99');
    expect(() => open()).toThrow(/newer version/);
    expect(setAside()).toEqual([]);
  });
});

describe('talks and leases', () => {
  it('takes the closing of a lease whose talk never began for no talk', () => {
    const store = open();
    store.append([entry('lease_closed', { talkId: randomUUID() })]);
    expect(store.openTalks()).toEqual([]);
  });

  it('knows the talks without an end, with what they were charged and their leases', () => {
    const store = open();
    fill(store, 5);
    const ended = randomUUID();
    store.append([
      entry('talk_started', { talkId: ended }),
      entry('tick', { talkId: ended }),
      entry('talk_ended', { talkId: ended }),
    ]);
    close(store);
    const found = open().openTalks();
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ talkId: TALK, userId: USER, chargedSeconds: 5, leaseIds: [LEASE] });
  });

  it('is settled when all rows of the talk are confirmed', () => {
    const store = open();
    fill(store, 2);
    const other = randomUUID();
    store.append([entry('tick', { talkId: other })]);
    expect(store.isSettled(TALK)).toBe(false);
    store.confirm(store.epoch, 3);
    expect(store.isSettled(TALK)).toBe(true);
    expect(store.isSettled(other)).toBe(false);
  });

  it('keeps a quarantined epoch, and sends only the new one', () => {
    const store = open();
    fill(store, 2);
    const forked = store.epoch;
    store.quarantine(forked, 'test');
    expect(store.epoch).not.toBe(forked);
    expect(store.backlogRows).toBe(0);
    expect(store.isSettled(TALK)).toBe(false);
    store.append([entry('talk_ended')]);
    close(store);
    const again = open();
    expect(again.findings).toEqual([]);
    expect(again.quarantined).toEqual([forked]);
    expect(again.nextBatch(10)?.rows).toHaveLength(1);
  });

  it('drops old confirmed rows and still verifies', () => {
    const store = open();
    store.append(Array.from({ length: 40 }, () => entry('tick')));
    store.confirm(store.epoch, 38);
    store.prune(30);
    expect(store.hashAt(store.epoch, 8)).toBeNull();
    expect(store.hashAt(store.epoch, 9)).not.toBeNull();
    close(store);
    expect(open().findings).toEqual([]);
  });

  it('remembers the latest wall clock', () => {
    let wallMs = WALL_MS;
    const store = open({ wallMs: () => wallMs });
    expect(store.notes.lastSeenWallMs).toBeNull();
    store.append([entry('tick')]);
    wallMs += 60_000;
    store.append([entry('tick')]);
    wallMs -= 3_600_000;
    store.append([entry('tick')]);
    expect(store.notes.lastSeenWallMs).toBe(WALL_MS + 60_000);
  });
});
