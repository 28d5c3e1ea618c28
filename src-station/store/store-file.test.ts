import { createSecretKey } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDurable } from './connection.ts';
import { testFolder } from './folder.test-kit.ts';
import { openStoreFile, type StoreFile } from './store-file.ts';

const KEY = createSecretKey(Buffer.alloc(32, 7));
const WALL_MS = Date.UTC(2026, 10, 1);

let dir: string;
let file: StoreFile | undefined;

beforeEach(() => {
  dir = testFolder('store-file');
});
afterEach(() => {
  file?.database.close();
  rmSync(dir, { recursive: true, force: true });
});

function open(): StoreFile {
  file?.database.close();
  file = openStoreFile(dir, KEY, WALL_MS);
  return file;
}

/** As SQLite itself answers on the connection that is used from then on: 2 is FULL. */
function settingsOf({ database }: StoreFile) {
  const asked = ['journal_mode', 'synchronous', 'fullfsync', 'locking_mode', 'foreign_keys'];
  return asked.map((name) => database.pragma(name, { simple: true }));
}
const DURABLE = ['wal', 2, 1, 'exclusive', 1];

describe('the connection that is handed out', () => {
  it('writes ahead and waits for the disk: a new file, one opened again, one put in place of a broken one', () => {
    expect(settingsOf(open())).toEqual(DURABLE);
    expect(settingsOf(open())).toEqual(DURABLE);
    file?.database.close();
    file = undefined;
    writeFileSync(join(dir, 'usage.sqlite'), 'x'.repeat(10_000));
    const mended = open();
    expect(mended.findings).toHaveLength(1);
    expect(settingsOf(mended)).toEqual(DURABLE);
  });

  it('still does after rows were written and folded into the file', () => {
    const opened = open();
    opened.database.exec(`INSERT INTO meta VALUES ('a', 'b')`);
    opened.database.pragma('wal_checkpoint(TRUNCATE)');
    expect(settingsOf(opened)).toEqual(DURABLE);
  });

  it('is refused, with what it found, where it can not be durable', () => {
    expect(() => openDurable(':memory:')).toThrow(/can't be made durable \(journal memory, synchronous 2\)/);
  });
});
