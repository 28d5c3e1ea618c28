import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDurable } from './connection.ts';
import { migrate, STEPS } from './schema.ts';
import { testFolder } from './test-folder.ts';

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
