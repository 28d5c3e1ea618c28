import { createSecretKey, randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GENESIS_HASH } from '../../src-shared/database.ts';
import { openDurable } from './connection.ts';
import { exportUsage } from './export.ts';
import { testFolder } from './folder.test-kit.ts';
import { signedHead } from './rows.ts';
import { migrate, STEPS } from './schema.ts';
import { rowHash, rowMac } from './usage-chain.ts';
import { UsageStore } from './usage-store.ts';
import { verifyUsage } from './verify.ts';

let dir: string;
let database: Database;

beforeEach(() => {
  dir = testFolder('schema');
  database = openDurable(join(dir, 'usage.sqlite'));
});
afterEach(() => {
  database.close();
  rmSync(dir, { recursive: true, force: true });
});

const STEP_ONE = 'CREATE TABLE said (word TEXT) STRICT; INSERT INTO said VALUES (1)';
const STEP_TWO = 'ALTER TABLE said ADD COLUMN loud INTEGER; INSERT INTO said VALUES (2, 1)';
const STEP_THREE = 'UPDATE said SET loud = 0 WHERE loud IS NULL';

const versionOf = () => database.pragma('user_version', { simple: true });
const tables = () => database.prepare('SELECT name FROM sqlite_schema').pluck().all();
const said = () => database.prepare('SELECT * FROM said').raw().all();

it('takes a new file through every step, in order', () => {
  migrate(database, [STEP_ONE, STEP_TWO, STEP_THREE]);
  expect(versionOf()).toBe(3);
  expect(said()).toEqual([
    ['1', 0],
    ['2', 1],
  ]);
});

it('takes a file of an older schema on from where it stands, keeping its rows', () => {
  migrate(database, [STEP_ONE]);
  database.exec(`INSERT INTO said VALUES ('kept')`);
  migrate(database, [STEP_ONE, STEP_TWO, STEP_THREE]);
  expect(said()).toEqual([
    ['1', 0],
    ['kept', 0],
    ['2', 1],
  ]);
  migrate(database, [STEP_ONE, STEP_TWO, STEP_THREE]);
  expect(said()).toHaveLength(3);
});

it('leaves the file as it was when a later step fails, and succeeds afterwards', () => {
  expect(() => migrate(database, [STEP_ONE, STEP_TWO, 'INSERT INTO nowhere VALUES (1)'])).toThrow(/nowhere/);
  expect(versionOf()).toBe(0);
  expect(tables()).toEqual([]);
  migrate(database, [STEP_ONE, STEP_TWO, STEP_THREE]);
  expect(versionOf()).toBe(3);
});

it('refuses a file of a newer program and changes nothing in it', () => {
  migrate(database);
  database.pragma(`user_version = ${STEPS.length + 1}`);
  const before = database.serialize();
  expect(() => migrate(database)).toThrow(/newer version/);
  expect(database.serialize().equals(before)).toBe(true);
});

const KEY = new Uint8Array(32).fill(7);
const ids = { talkId: randomUUID(), leaseId: randomUUID(), userId: randomUUID(), visitId: randomUUID() };

/** Two epochs as the first schema kept them: one still to be sent from its second row on, one in use. */
function fileOfFirstSchema(rowsInUse = 12): void {
  migrate(database, STEPS.slice(0, 1));
  const insert =
    database.prepare(`INSERT INTO usage_rows VALUES (@ordinal, @seq, 'tick', @talkId, @leaseId, @userId,
    @visitId, 1, '', @atMs, @prevHash, @hash, @mac)`);
  const key = createSecretKey(KEY);
  for (const [ordinal, state, rows, confirmedSeq] of [
    [1, 'draining', 3, 1],
    [2, 'current', rowsInUse, 0],
  ] as const) {
    const epoch = randomUUID();
    let lastHash = GENESIS_HASH;
    const heads = `INSERT INTO epochs VALUES (?, ?, ?, '', 0, ?, ?, ?, ?)`;
    database.prepare(heads).run(ordinal, epoch, state, 0, '', 0, '');
    for (let seq = 1; seq <= rows; seq += 1) {
      const row = { kind: 'tick' as const, ...ids, seconds: 1, note: '', atMs: seq, seq, prevHash: lastHash };
      lastHash = rowHash(row);
      insert.run({ ...row, ordinal, hash: lastHash, mac: rowMac(key, epoch, lastHash) });
    }
    const head = signedHead(key, { ordinal, epoch, state, lastSeq: rows, lastHash, confirmedSeq });
    const update = `UPDATE epochs SET last_seq = @lastSeq, last_hash = @lastHash, confirmed_seq = @confirmedSeq, mac = @mac
      WHERE ordinal = @ordinal`;
    database.prepare(update).run(head);
  }
  database.close();
}

it('takes the rows of the first schema along: all verify, what waits is sent, the next one follows', () => {
  fileOfFirstSchema();
  expect(verifyUsage(dir, KEY).epochs.map(({ lastSeq, fault }) => [lastSeq, fault])).toEqual([
    [3, null],
    [12, null],
  ]);
  const store = new UsageStore({ dir, key: KEY, wallMs: () => 0, lockWaitMs: 0 });
  try {
    expect(store.findings).toEqual([]);
    const [next] = store.append([{ kind: 'tick', ...ids, seconds: 1, note: '', atMs: 13 }]);
    expect(next?.seq).toBe(13);
    const sent: number[] = [];
    for (let batch = store.nextBatch(5); batch; batch = store.nextBatch(5)) {
      sent.push(...batch.rows.map(({ seq }) => seq));
      store.confirm(batch.epoch, batch.rows.at(-1)?.seq ?? 0);
    }
    expect(sent).toEqual([2, 3, ...Array.from({ length: 13 }, (_, index) => index + 1)]);
  } finally {
    store.close();
  }
});

it('keeps of a damaged file of the first schema what can be read, and exports what lies behind the damage too', () => {
  fileOfFirstSchema(200);
  const file = join(dir, 'usage.sqlite');
  const bytes = readFileSync(file);
  const row = exportUsage(dir, KEY).find((line) => 'seq' in line && line.seq === 100);
  // The page where the 100th row of the log in use lies.
  const at = bytes.lastIndexOf(row && 'hash' in row ? row.hash : '');
  bytes.fill(0xa5, at - (at % 4096), at - (at % 4096) + 8);
  writeFileSync(file, bytes);
  const seqs = exportUsage(dir, KEY).flatMap((line) => ('seq' in line ? [line.seq] : []));
  expect(seqs.at(-1)).toBe(200);
  const store = new UsageStore({ dir, key: KEY, wallMs: () => 0, lockWaitMs: 0 });
  try {
    expect(store.findings).toHaveLength(1);
    expect(store.nextBatch(10)?.rows.map(({ seq }) => seq)).toEqual([2, 3]);
    expect(store.backlogRows).toBeGreaterThan(50);
    expect(store.backlogRows).toBeLessThan(200);
  } finally {
    store.close();
  }
});
