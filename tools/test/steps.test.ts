/** The gate as it stands in this repository. */
import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { projectDir } from '../../src-main/paths.ts';
import { suiteCommand } from './run.ts';
import { stepsOf } from './steps.ts';

const steps = stepsOf(projectDir());

it('the checks need nothing but npm ci', () => {
  expect(steps.filter(({ tier, needs }) => tier === 'check' && needs.length > 0)).toEqual([]);
});

it('every test file of the repository belongs to one suite', () => {
  const all = globSync(['{src-*,tools,tests}/**/*.{test,spec}.{ts,tsx}'], { cwd: projectDir() });
  const taken = steps.flatMap(({ suite }) => globSync([...(suite?.files ?? [])], { cwd: projectDir() }));
  expect(taken.sort()).toEqual(all.sort());
});

it('every script of the long tier is there', () => {
  const { scripts } = JSON.parse(readFileSync(`${projectDir()}/package.json`, 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = steps.flatMap(({ commands }) =>
    commands.filter(([program]) => program === 'npm').map(([, , script]) => script ?? ''),
  );
  expect(named.length).toBeGreaterThan(0);
  for (const name of named) expect(scripts).toHaveProperty(name);
});

it('a part of a suite is handed to its runner as files and a filter', () => {
  const part = { files: ['a.test.ts'], titlePattern: 'meter' };
  const vitest = suiteCommand({ runner: 'vitest', project: 'unit', files: [] }, part);
  expect(vitest.slice(0, 4)).toEqual(['vitest', 'run', '--project', 'unit']);
  expect(vitest.slice(-3)).toEqual(['-t', 'meter', 'a.test.ts']);
  const playwright = suiteCommand({ runner: 'playwright', project: 'spoken', files: [] }, part);
  expect(playwright.slice(0, 4)).toEqual(['playwright', 'test', '--project', 'spoken']);
  expect(playwright.slice(-3)).toEqual(['--grep', 'meter', 'a.test.ts']);
});
