/** The text of supabase/migrations, read in order: nothing is used before it is made, and what is made is made once. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readMigrations } from './migrate.ts';

const DIR = fileURLToPath(new URL('../../supabase/migrations/', import.meta.url));

/** The files of the first release: whole, so none of them replaces what another one made. */
const FIRST_RELEASE = /^20261128/;

const MADE_OR_USED =
  /\bcreate (?:or replace )?(?:function|table|view|type) ((?:app|public)\.\w+)|\b((?:app|public)\.[a-z_]+)/g;

/** Every name of the schemas app and public, in the order of the text; comments of both kinds left out. */
function namesIn(sql: string): { name: string; isMade: boolean }[] {
  const code = sql.replaceAll(/--.*$/gm, '').replaceAll(/^comment on [^;]*;/gm, '');
  return [...code.matchAll(MADE_OR_USED)].map(([, made, used]) => ({
    name: made ?? used ?? '',
    isMade: made !== undefined,
  }));
}

it('use nothing before it is made, also inside functions', async () => {
  const made = new Set<string>();
  const early: string[] = [];
  for (const { file, sql } of await readMigrations(DIR)) {
    for (const { name, isMade } of namesIn(sql)) {
      if (isMade) made.add(name);
      else if (!made.has(name)) early.push(`${file}: ${name}`);
    }
  }
  expect(early).toEqual([]);
  expect(made.size).toBeGreaterThan(100);
});

it('make everything once in the first release', async () => {
  const files = (await readMigrations(DIR)).filter(({ version }) => FIRST_RELEASE.test(version));
  const made = files.flatMap(({ sql }) => namesIn(sql).filter(({ isMade }) => isMade));
  const names = made.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  expect(files.filter(({ sql }) => /create or replace|drop (function|table)/.test(sql))).toEqual([]);
});

it('are never changed once they are released: docs/schema.md says how a change is made', async () => {
  const released = (await readFile(`${DIR}../migrations.sha256`, 'utf8')).trim().split('\n');
  const present = (await readMigrations(DIR)).map(({ file, hash }) => `${hash}  ${file}`);
  expect(released.filter((line) => !present.includes(line))).toEqual([]);
});
