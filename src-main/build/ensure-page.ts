/** Builds the page when its sources changed since the last build; a second start finds it fresh and does nothing. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeBinary } from '../paths.ts';
import type { Progress } from '../setup/progress.ts';
import { runCommand } from '../setup/run.ts';
import { sourceStamp } from './source-stamp.ts';

/** Gives the folder of the built page. @throws Error with the build's last lines */
export async function ensurePage(projectDir: string, progress: Progress): Promise<string> {
  const pageDir = join(projectDir, 'out', 'renderer');
  const sources = ['src-renderer', 'src-shared'].map((name) => join(projectDir, name));
  // An installed product ships the page built and its sources not at all.
  if (!sources.every((dir) => existsSync(dir))) return pageDir;
  const stamp = sourceStamp([...sources, join(projectDir, 'package-lock.json')]);
  const stampFile = join(pageDir, '.sources');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return pageDir;
  const done = progress.step('Building the page (once)');
  const vite = join(projectDir, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [vite, 'build', '-c', join('src-renderer', 'vite.config.ts'), '--logLevel', 'warn'];
  const result = await runCommand(nodeBinary(), args, { cwd: projectDir });
  done(result.ok ? 'done' : 'failed');
  if (!result.ok) throw new Error(`The page could not be built:\n${result.tail}`);
  writeFileSync(stampFile, stamp);
  return pageDir;
}
