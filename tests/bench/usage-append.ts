/**
 * What one durable second costs: appends to the usage store (hash, MAC, head, row, commit on disk) against bare inserts
 * of better-sqlite3 under the same settings (WAL, synchronous FULL), on this machine's disk.
 *
 *   node tests/bench/usage-append.ts [count] [folder]
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { UsageStore } from '../../src-station/store/index.ts';

const count = Number(process.argv[2] ?? 3_000);
const dir = mkdtempSync(join(process.argv[3] ?? tmpdir(), 'usage-append-'));
const ids = { talkId: randomUUID(), leaseId: randomUUID(), userId: randomUUID(), visitId: randomUUID() };

function measure(name: string, append: () => void): void {
  for (let warmUp = 0; warmUp < 100; warmUp++) append();
  const times: number[] = [];
  const beginMs = performance.now();
  for (let index = 0; index < count; index++) {
    const fromMs = performance.now();
    append();
    times.push(performance.now() - fromMs);
  }
  const perSecond = Math.round((count * 1000) / (performance.now() - beginMs));
  times.sort((first, second) => first - second);
  const at = (share: number) => (times[Math.floor(share * (count - 1))] ?? 0).toFixed(3);
  console.log(`${name}: ${perSecond}/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms`);
}

const bare = new SqliteDatabase(join(dir, 'bare.sqlite'));
bare.pragma('journal_mode = WAL');
bare.pragma('synchronous = FULL');
bare.exec('CREATE TABLE rows (seq INTEGER PRIMARY KEY, text TEXT NOT NULL)');
const insert = bare.prepare('INSERT INTO rows (text) VALUES (?)');
const text = JSON.stringify({ ...ids, hash: 'a'.repeat(64), prevHash: 'b'.repeat(64) });
const store = new UsageStore({ dir, key: new Uint8Array(32), wallMs: () => Date.now() });
const second = () => store.append([{ kind: 'tick', ...ids, seconds: 1, note: '', atMs: Date.now() }]);

for (let round = 1; round <= 3; round++) {
  measure(`bare insert   (round ${round})`, () => insert.run(text));
  measure(`usage append  (round ${round})`, second);
}
const fromMs = performance.now();
store.close();
const again = new UsageStore({ dir, key: new Uint8Array(32), wallMs: () => Date.now() });
console.log(`opening and verifying ${3 * (count + 100)} rows: ${Math.round(performance.now() - fromMs)} ms`);
again.close();
bare.close();
rmSync(dir, { recursive: true, force: true });
