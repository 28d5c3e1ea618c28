import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Progress } from '../setup/progress.ts';
import { builtProgram, currentBuildDir } from './built-program.ts';
import { ensureChildren } from './ensure-children.ts';

let dir = '';
let said: string[] = [];
const progress: Progress = {
  say: (line) => void said.push(line),
  step: (what) => (outcome) => void said.push(`${what}: ${outcome}`),
};
const builder = () => join(dir, 'src-main', 'build', 'bundle.ts');
const builds = () => readFileSync(join(dir, 'builds'), 'utf8').length;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mindbot-children-'));
  for (const name of ['src-main/build', 'src-relay', 'node_modules/esbuild']) {
    mkdirSync(join(dir, name), { recursive: true });
  }
  writeFileSync(join(dir, 'src-relay', 'main.ts'), 'a');
  writeFileSync(
    builder(),
    `import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
     const outDir = process.argv[3];
     appendFileSync('builds', 'x');
     mkdirSync(outDir, { recursive: true });
     writeFileSync(outDir + '/relay.js', '');`,
  );
  said = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the built processes', () => {
  it('are built once, and again after an edit of what is built', async () => {
    const first = await ensureChildren(dir, progress);
    expect(first).toBe(currentBuildDir(dir));
    expect(builtProgram(first, 'relay')?.program).toBe(join(first ?? '', 'relay.js'));
    expect(builtProgram(first, 'station')).toBeUndefined();
    writeFileSync(join(dir, 'src-relay', 'main.test.ts'), 'tests are not built');
    expect(await ensureChildren(dir, progress)).toBe(first);
    expect(builds()).toBe(1);
    writeFileSync(join(dir, 'src-relay', 'main.ts'), 'ab');
    const second = await ensureChildren(dir, progress);
    expect(second).not.toBe(first);
    expect(builds()).toBe(2);
    // A station that was started from the first may still want to restart a process.
    expect(existsSync(first ?? '')).toBe(true);
  });

  it('are left to their sources where they can’t be built, with nothing half-made', async () => {
    writeFileSync(builder(), "console.error('line 7 is wrong'); process.exit(1)");
    expect(await ensureChildren(dir, progress)).toBeUndefined();
    expect(said.join('\n')).toMatch(/failed[\s\S]*line 7 is wrong/);
    expect(existsSync(currentBuildDir(dir))).toBe(false);
    rmSync(join(dir, 'node_modules', 'esbuild'), { recursive: true });
    said = [];
    expect(await ensureChildren(dir, progress)).toBeUndefined();
    expect(said).toEqual([]);
  });

  it('that nobody started for long are removed when there are many newer ones', async () => {
    const old = await ensureChildren(dir, progress);
    const twoDaysAgo = Date.now() / 1000 - 2 * 86_400;
    utimesSync(old ?? '', twoDaysAgo, twoDaysAgo);
    for (const name of ['1', '2', '3', '4']) mkdirSync(join(dir, 'out', 'children', name));
    writeFileSync(join(dir, 'src-relay', 'main.ts'), 'ab');
    await ensureChildren(dir, progress);
    expect(existsSync(old ?? '')).toBe(false);
    expect(readdirSync(join(dir, 'out', 'children'))).toHaveLength(5);
  });
});
