/** docs/time-model.md names a test for every rule: each of them must be there. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const PROJECT = new URL('../../', import.meta.url);

/** The titles of the tests of a file, as they are written. */
async function titlesIn(file: string): Promise<Set<string>> {
  const source = await readFile(new URL(file, PROJECT), 'utf8');
  const titles = source.matchAll(/\bit(?:\.each\([^)]*\))?\(\s*'((?:[^'\\]|\\.)*)'/g);
  return new Set([...titles].map(([, title]) => title ?? ''));
}

it('names only tests that exist, and one for every corner', async () => {
  const page = await readFile(new URL('docs/time-model.md', PROJECT), 'utf8');
  const named = [...page.matchAll(/`([\w/-]+\.test\.ts)` › (.*?)(?=; `|\.?$)/gm)];
  const missing: string[] = [];
  for (const [, file = '', title = ''] of named) {
    if (!(await titlesIn(file)).has(title)) missing.push(`${file} › ${title}`);
  }
  expect(missing).toEqual([]);
  const corners = page.split(/\n(?=- \*\*)|\n\n/).filter((part) => part.startsWith('- **'));
  expect(corners.length).toBeGreaterThan(40);
  expect(corners.filter((line) => !line.includes('› '))).toEqual([]);
});
