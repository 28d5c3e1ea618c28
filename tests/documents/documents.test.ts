/**
 * The documents: what they name is there, nothing cites a document from elsewhere, and their tables can be reviewed in
 * a diff.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const PROJECT = join(import.meta.dirname, '..', '..');
const LONGEST_ROW = 160;

/** Not written by people, or not part of the project. */
const LEFT_OUT = ['node_modules', '.git', 'out', 'dist', 'coverage', 'artifacts', 'test-results'];

const FILES = globSync('**/*.{ts,tsx,mts,mjs,css,sql,md,toml,yml,yaml,html}', {
  cwd: PROJECT,
  exclude: (name) => LEFT_OUT.includes(basename(name)),
});
const PAGES = FILES.filter((name) => name.endsWith('.md') && name !== 'THIRD-PARTY-NOTICES.md');

function linesOf(name: string): string[] {
  return readFileSync(join(PROJECT, name), 'utf8').split('\n');
}

/** `file:line: text` of every line that `wrong` finds. */
function found(names: readonly string[], wrong: (line: string, name: string) => boolean): string[] {
  return names.flatMap((name) =>
    linesOf(name).flatMap((line, index) =>
      wrong(line, name) ? [`${name}:${index + 1}: ${line.trim()}`] : [],
    ),
  );
}

it('are all looked at', () => {
  expect(FILES).toContain('supabase/config.toml');
  expect(PAGES).toContain('docs/time-model.md');
  expect(FILES.length).toBeGreaterThan(500);
});

it('cite no section of a document that is not here: the reason stands where it is needed', () => {
  const cited = /\b(spec|design|facts|cases)(\.md|,? § ?\d| §)|(^|[\s(])§ ?\d/i;
  expect(found(FILES, (line) => cited.test(line))).toEqual([]);
});

it('link only to files that are there', () => {
  const isBroken = (line: string, name: string) =>
    [...line.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target.replace(/#.*$/, ''))
      .some(
        (target) =>
          target !== '' && !/^[a-z]+:/.test(target) && !existsSync(join(PROJECT, dirname(name), target)),
      );
  expect(found(PAGES, isBroken)).toEqual([]);
});

it('name only files and folders that are there', () => {
  const isGone = (line: string) =>
    [...line.matchAll(/`((?:src-[a-z]+|tests|tools|docs|supabase)\/[\w./-]+)`/g)].some(
      ([, path = '']) => !existsSync(join(PROJECT, path)),
    );
  expect(
    found(
      PAGES.filter((name) => name !== 'CHANGELOG.md'),
      isGone,
    ),
  ).toEqual([]);
});

it(`have no row of a table longer than ${LONGEST_ROW} characters`, () => {
  expect(found(PAGES, (line) => line.startsWith('|') && line.length > LONGEST_ROW)).toEqual([]);
});
