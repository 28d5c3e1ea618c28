/**
 * Builds the processes (bundle.ts) when their sources changed: built they need half the memory and time to
 * start of what they need from sources. A build appears whole or not at all and is never changed, so two starts at once
 * can't disturb each other and a running station keeps what it was started with.
 */
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { nodeBinary } from '../paths.ts';
import type { Progress } from '../setup/progress.ts';
import { runCommand } from '../setup/run.ts';
import { buildsDir, currentBuildDir } from './built-program.ts';

/** A build (25 MB) goes when so many newer ones were used and no station was started from it for so long. */
const BUILDS_KEPT = 5;
const KEEP_MS = 3_600_000;

/**
 * Gives the folder of the built processes, building them first where that is needed. Undefined where they can't be
 * built (no bundler in an installed product, a broken source): the sources then run as they are.
 */
export async function ensureChildren(projectDir: string, progress: Progress): Promise<string | undefined> {
  if (!existsSync(join(projectDir, 'node_modules', 'esbuild'))) return undefined;
  const dir = currentBuildDir(projectDir);
  if (!existsSync(dir) && !(await buildInto(dir, projectDir, progress))) return undefined;
  const now = new Date();
  utimesSync(dir, now, now);
  removeOldBuilds(projectDir, now);
  return dir;
}

async function buildInto(dir: string, projectDir: string, progress: Progress): Promise<boolean> {
  const done = progress.step('Building the processes (once)');
  const unfinished = `${dir}.${process.pid}`;
  const script = join(projectDir, 'src-main', 'build', 'bundle.ts');
  const result = await runCommand(nodeBinary(), [script, projectDir, unfinished], { cwd: projectDir });
  done(result.ok ? 'done' : 'failed');
  if (!result.ok) {
    rmSync(unfinished, { recursive: true, force: true });
    progress.say(`They run from their sources, which takes longer and more memory:\n${result.tail}`);
    return false;
  }
  try {
    renameSync(unfinished, dir);
  } catch (error) {
    // Another start was faster; its build is as good as ours.
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(dir)) throw error;
  }
  return true;
}

function removeOldBuilds(projectDir: string, now: Date): void {
  const builds = readdirSync(buildsDir(projectDir)).map((name) => {
    const dir = join(buildsDir(projectDir), name);
    return { dir, usedAtMs: statSync(dir, { throwIfNoEntry: false })?.mtimeMs ?? now.getTime() };
  });
  const older = builds.sort((a, b) => b.usedAtMs - a.usedAtMs).slice(BUILDS_KEPT);
  for (const { dir, usedAtMs } of older) {
    if (now.getTime() - usedAtMs > KEEP_MS) rmSync(dir, { recursive: true, force: true });
  }
}
