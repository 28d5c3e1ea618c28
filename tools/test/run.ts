/** Runs the commands of a step and collects what its test files report. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileResult, RESULTS_VARIABLE } from './results.ts';
import type { Part, Selection } from './select.ts';
import type { Command, Suite } from './steps.ts';

export interface StepResult {
  name: string;
  ok: boolean;
  durationMs: number;
  files: FileResult[];
  /** What it said, when it was not shown while it ran. */
  output: string;
}

/**
 * Runs all commands of the step, up to the first that fails. `quiet`: what it says is kept, not shown. `coverage`: a
 * whole suite of vitest measures it.
 */
export async function runStep(
  { step, parts }: Selection,
  rootDir: string,
  { quiet = false, coverage = false }: { quiet?: boolean; coverage?: boolean } = {},
): Promise<StepResult> {
  const beganAtMs = performance.now();
  const { suite } = step;
  const commands = suite
    ? (parts ?? [{ files: [] }]).map((part) => suiteCommand(suite, part, coverage))
    : step.commands;
  const dir = mkdtempSync(join(tmpdir(), 'mindbot-results-'));
  const files: FileResult[] = [];
  let output = '';
  let ok = true;
  for (const [index, command] of commands.entries()) {
    const results = join(dir, `${index}.json`);
    const done = await runCommand(command, rootDir, { [RESULTS_VARIABLE]: results }, quiet);
    output += done.output;
    files.push(...readResults(results));
    ok = done.exitCode === 0;
    if (!ok) {
      output += `(${command.join(' ')} ended with ${done.exitCode})\n`;
      break;
    }
  }
  rmSync(dir, { recursive: true, force: true });
  return { name: step.name, ok, durationMs: performance.now() - beganAtMs, files, output };
}

/** The command that runs a part of a suite; without files: all of it. `coverage`: vitest measures it. */
export function suiteCommand(suite: Suite, { files, titlePattern }: Part, coverage = false): string[] {
  const project = ['--project', suite.project ?? ''];
  if (suite.runner === 'playwright') {
    const filter = titlePattern ? ['--grep', titlePattern] : [];
    const reporter = '--reporter=list,./tools/test/playwright-reporter.ts';
    return ['playwright', 'test', ...project, reporter, ...filter, ...files];
  }
  const reporters = ['--reporter=default', '--reporter=./tools/test/vitest-reporter.ts'];
  const filter = titlePattern ? ['-t', titlePattern] : [];
  const measuring = coverage ? ['--coverage'] : [];
  return ['vitest', 'run', ...project, ...reporters, ...measuring, ...filter, ...files];
}

/** A runner that was killed reports nothing. */
function readResults(path: string): FileResult[] {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as FileResult[];
  } catch {
    return [];
  }
}

function runCommand(
  [program = '', ...args]: Command,
  rootDir: string,
  more: Record<string, string>,
  quiet: boolean,
): Promise<{ exitCode: number; output: string }> {
  const child = spawn(program, args, {
    cwd: rootDir,
    env: { ...process.env, ...more },
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ exitCode: 1, output: `${output}${error.message}\n` }));
    child.once('close', (code) => resolve({ exitCode: code ?? 1, output }));
  });
}
