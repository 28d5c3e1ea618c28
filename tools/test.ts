/**
 * `npm run check`, `npm test` and `npm run test:long` (tools/test/steps.ts says what each consists of).
 *
 *   npm test                        the whole gate
 *   npm test -- unit 'end to end'   these steps; check, test and long stand for all of theirs
 *   npm test -- meter               the files whose path, and the tests whose title, holds the word
 *   npm test -- --list [WORD …]     says what would run
 *
 * The checks run side by side, the others one after the other, and only while nothing has failed. The last line counts:
 * a test is one, and so is a step without tests.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectDir } from '../src-main/paths.ts';
import { prepare } from './test/prepare.ts';
import { slowestLines, totalsOf } from './test/results.ts';
import { runStep, type StepResult } from './test/run.ts';
import { type Selection, select, type TestFile, titlesIn } from './test/select.ts';
import { type Step, stepsOf } from './test/steps.ts';

const CHECKS_AT_ONCE = 2;

const root = projectDir();
const steps = stepsOf(root);
const words = process.argv.slice(2);
const selections = select(
  steps,
  words.filter((word) => word !== '--list'),
  filesOf,
);
if (selections.length === 0) {
  console.error(
    `Nothing fits: no step, path or title holds ${words.join(' or ')}. Steps: ${steps.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}
if (words.includes('--list')) list();
else await run();

/** The test files of a step by name, with their titles. */
function filesOf({ suite }: Step): TestFile[] {
  const paths = globSync([...(suite?.files ?? [])], { cwd: root }).sort();
  return paths.map((path) => ({ path, titles: titlesIn(readFileSync(join(root, path), 'utf8')) }));
}

function list(): void {
  for (const { step, parts } of selections) {
    const needs = step.needs.length > 0 ? ` (needs ${step.needs.join(', ')})` : '';
    console.log(`${step.name}: ${step.tier}${needs}`);
    for (const { files, titlePattern } of parts ?? [{ files: filesOf(step).map(({ path }) => path) }]) {
      for (const path of files) console.log(`  ${path}${titlePattern ? ' (by title)' : ''}`);
    }
  }
}

async function run(): Promise<void> {
  const checks = selections.filter(({ step }) => step.tier === 'check');
  const others = selections.filter(({ step }) => step.tier !== 'check');
  const results = await sideBySide(checks);
  for (const selection of others) {
    if (results.some(({ ok }) => !ok)) break;
    results.push(await alone(selection));
  }
  conclude(results);
}

/** The one with tests takes longest, so it begins first. */
async function sideBySide(checks: readonly Selection[]): Promise<StepResult[]> {
  if (checks.length === 1 && checks[0]) return [await alone(checks[0])];
  const waiting = [...checks].sort(
    (a, b) => Number(b.step.suite !== undefined) - Number(a.step.suite !== undefined),
  );
  const results: StepResult[] = [];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const result = await runStep(next, root, { quiet: true });
      results.push(result);
      if (!result.ok) process.stdout.write(`\n${result.output}`);
      tell(result);
    }
  };
  await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, worker));
  return results;
}

async function alone(selection: Selection): Promise<StepResult> {
  const { name, needs } = selection.step;
  console.log(`\n=== ${name}`);
  await prepare(new Set(needs)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
  const result = await runStep(selection, root);
  tell(result);
  return result;
}

function tell({ name, ok, durationMs, files }: StepResult): void {
  const { passed, failed, skipped } = totalsOf(files);
  const tests = files.length > 0 ? `, ${passed} tests passed, ${failed} failed, ${skipped} skipped` : '';
  console.log(`=== ${name}: ${ok ? 'ok' : 'FAILED'} (${Math.round(durationMs / 1000)} s${tests})`);
}

function conclude(results: readonly StepResult[]): void {
  const files = results.flatMap((result) => result.files);
  const slowest = slowestLines(files);
  if (slowest.length > 0) console.log(`\nThe slowest of ${files.length} test files:\n${slowest.join('\n')}`);
  const tests = totalsOf(files);
  // A step fails as one where no test tells of it.
  const asOne = results.filter(
    (result) => result.files.length === 0 || (!result.ok && totalsOf(result.files).failed === 0),
  );
  const passed = tests.passed + asOne.filter(({ ok }) => ok).length;
  const failed = tests.failed + asOne.filter(({ ok }) => !ok).length;
  if (tests.skipped > 0) console.log(`\n${tests.skipped} tests were skipped; each says why.`);
  console.log(`\n${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}
