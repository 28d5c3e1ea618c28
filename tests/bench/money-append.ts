/**
 * One durable second: an append to the usage store (hash, MAC, head, row, commit on the disk) against better-sqlite3
 * writing the same row and the same head under the same settings (WAL, synchronous FULL), on this machine's disk.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { type UsageEntry, UsageStore } from '../../src-station/store/index.ts';
import { type BenchOptions, type Metric, median, percentile } from './bench.ts';

const GOAL_P99_MS = 5;

export function benchAppend({ quick }: BenchOptions, report: (metric: Metric) => void): void {
  const dir = mkdtempSync(join(tmpdir(), 'mindbot-append-'));
  const store = new UsageStore({ dir, key: new Uint8Array(32), wallMs: () => Date.now() });
  const bare = bareStore(join(dir, 'bare.sqlite'));
  try {
    const ids = { talkId: randomUUID(), leaseId: randomUUID(), userId: randomUUID(), visitId: randomUUID() };
    const second = (): UsageEntry => ({ kind: 'tick', ...ids, seconds: 1, note: '', atMs: Date.now() });
    const append = () => store.append([second()]);
    const insert = () => bare.insert(second());
    const count = quick ? 500 : 2_000;
    const rates: { product: number[]; bare: number[] } = { product: [], bare: [] };
    const times: number[] = [];
    // In turns, so that both see the same disk.
    for (let round = 0; round < 5; round += 1) {
      rates.bare.push(perSecond(timesOf(insert, count)));
      const product = timesOf(append, count);
      rates.product.push(perSecond(product));
      times.push(...product);
    }
    report({
      metric: 'durable append, rows a second, against better-sqlite3',
      value: median(rates.product),
      unit: '/s',
      reference: median(rates.bare),
    });
    report({
      metric: 'durable append, p99',
      value: percentile(times, 0.99),
      unit: 'ms',
      reference: GOAL_P99_MS,
    });
  } finally {
    store.close();
    bare.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function timesOf(work: () => void, count: number): number[] {
  for (let warmUp = 0; warmUp < 50; warmUp += 1) work();
  return Array.from({ length: count }, () => {
    const beganAtMs = performance.now();
    work();
    return performance.now() - beganAtMs;
  });
}

function perSecond(timesMs: readonly number[]): number {
  return (timesMs.length * 1_000) / timesMs.reduce((sum, ms) => sum + ms, 0);
}

/** The same columns, the same two writes, one transaction; nothing is hashed or sealed: those texts are always the same. */
function bareStore(path: string) {
  const database = new SqliteDatabase(path);
  database.pragma('locking_mode = EXCLUSIVE');
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('fullfsync = ON');
  database.exec(`
    CREATE TABLE rows (ordinal INTEGER, seq INTEGER, kind TEXT, talk_id TEXT, lease_id TEXT, user_id TEXT, visit_id TEXT,
      seconds INTEGER, note TEXT, at_ms INTEGER, prev_hash TEXT, hash TEXT, mac TEXT, PRIMARY KEY (ordinal, seq))
      STRICT, WITHOUT ROWID;
    CREATE TABLE heads (ordinal INTEGER PRIMARY KEY, last_seq INTEGER, last_hash TEXT, mac TEXT) STRICT;
    INSERT INTO heads VALUES (1, 0, '', '');`);
  const insert = database.prepare(
    `INSERT INTO rows VALUES (1, @seq, @kind, @talkId, @leaseId, @userId, @visitId, @seconds, @note, @atMs, @text, @text, @text)`,
  );
  const update = database.prepare(
    `UPDATE heads SET last_seq = @seq, last_hash = @text, mac = @text WHERE ordinal = 1`,
  );
  const text = 'a'.repeat(64);
  let seq = 0;
  const write = database.transaction((entry: UsageEntry) => {
    seq += 1;
    insert.run({ ...entry, seq, text });
    update.run({ seq, text });
  });
  return { insert: (entry: UsageEntry) => write.immediate(entry), close: () => database.close() };
}
