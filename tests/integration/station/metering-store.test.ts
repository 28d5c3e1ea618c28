/**
 * The usage store against real processes: killed in the middle of a write, over and over, it has every row it
 * acknowledged, killed in the middle of a migration it is as it was; while another process has it, it can't be opened.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreInUseError } from '../../../src-station/store/errors.ts';
import { UsageStore } from '../../../src-station/store/index.ts';
import { TEST_MAC_KEY } from '../../support/station/metering.ts';

const CHILD = fileURLToPath(new URL('../../support/programs/metering-store-child.ts', import.meta.url));
const MIGRATING = fileURLToPath(new URL('../../support/programs/store-migration-child.ts', import.meta.url));

let dir: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'metering-store-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

/** Starts the writer; resolves with what it acknowledged once it has acknowledged `rows` more. */
async function writeRows(rows: number): Promise<{ epoch: string; lastSeq: number; gone: Promise<void> }> {
  const writer = spawn(process.execPath, [CHILD], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], STORE_DIR: dir },
  });
  child = writer;
  const acknowledged = {
    epoch: '',
    lastSeq: 0,
    gone: new Promise<void>((end) => writer.once('close', () => end())),
  };
  let [rest, count] = ['', 0];
  await new Promise<void>((resolve, reject) => {
    writer.once('exit', () => reject(new Error('the writer ended by itself')));
    writer.stdout?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [epoch = '', seq] = line.split(' ');
        acknowledged.epoch = epoch;
        acknowledged.lastSeq = Number(seq);
        count += 1;
      }
      if (count >= rows) resolve();
    });
  });
  return acknowledged;
}

function open(): UsageStore {
  return new UsageStore({ dir, key: TEST_MAC_KEY, wallMs: () => Date.now(), lockWaitMs: 200 });
}

describe('kill -9 while writing', () => {
  it('keeps every acknowledged row, each time', async () => {
    let before = 0;
    for (const rows of [1, 20, 77, 150, 33]) {
      const acknowledged = await writeRows(rows);
      child?.kill('SIGKILL');
      await acknowledged.gone;
      const store = open();
      expect(store.findings).toEqual([]);
      const head = store.head(acknowledged.epoch);
      expect(head?.lastSeq).toBeGreaterThanOrEqual(acknowledged.lastSeq);
      expect(head?.lastSeq).toBeGreaterThanOrEqual(before + rows);
      before = head?.lastSeq ?? 0;
      expect(store.nextBatch(10_000)?.rows.map((row) => row.seq)).toEqual(
        Array.from({ length: before }, (_row, index) => index + 1),
      );
      store.close();
    }
    expect(readdirSync(dir).filter((name) => name.includes('corrupt'))).toEqual([]);
  });
});

describe('kill -9 in the middle of a migration', () => {
  function migrateAndDie(): NodeJS.Signals | null {
    const env = { PATH: process.env['PATH'], STORE_DIR: dir };
    const { signal, stderr } = spawnSync(process.execPath, [MIGRATING], { env, encoding: 'utf8' });
    expect(stderr).toBe('');
    return signal;
  }

  it('leaves a store of the older schema with all its rows', async () => {
    const acknowledged = await writeRows(5);
    child?.kill('SIGKILL');
    await acknowledged.gone;
    expect(migrateAndDie()).toBe('SIGKILL');
    const store = open();
    expect(store.findings).toEqual([]);
    expect(store.epoch).toBe(acknowledged.epoch);
    expect(store.nextBatch(10_000)?.rows.length).toBeGreaterThanOrEqual(5);
    store.close();
  });

  it('leaves a new one to be made by the next start', () => {
    expect(migrateAndDie()).toBe('SIGKILL');
    const store = open();
    expect(store.findings).toEqual([]);
    expect(store.backlogRows).toBe(0);
    store.close();
  });
});

describe('a disk that takes no more', () => {
  it('keeps every acknowledged row, and goes on when there is room again', async () => {
    // The system itself cuts the writing off in the middle of a page: no file of this process may grow beyond some hundred KB.
    const limited = spawnSync('sh', ['-c', 'ulimit -f 600 && exec "$0" "$1"', process.execPath, CHILD], {
      env: { PATH: process.env['PATH'], STORE_DIR: dir },
      encoding: 'utf8',
    });
    expect(limited.stderr).toMatch(/StoreWriteError: The usage store could not be written/);
    const [epoch = '', last] = limited.stdout.trim().split('\n').at(-1)?.split(' ') ?? [];
    expect(Number(last)).toBeGreaterThan(10);
    const store = open();
    expect(store.findings).toEqual([]);
    expect(store.head(epoch)?.lastSeq).toBe(Number(last));
    store.close();
    const more = await writeRows(3);
    expect(more.epoch).toBe(epoch);
    expect(more.lastSeq).toBeGreaterThanOrEqual(Number(last) + 3);
  });
});

describe('a second process', () => {
  it('is refused while the first one lives, and let in when it was killed', async () => {
    const { gone } = await writeRows(1);
    expect(open).toThrow(StoreInUseError);
    child?.kill('SIGKILL');
    await gone;
    const store = open();
    expect(store.findings).toEqual([]);
    store.close();
  });
});
