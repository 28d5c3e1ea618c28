/**
 * Which files a child is made of: the bundler follows its imports, and build/programs.ts adds what is started or read by
 * path. Asking is also the check whether the child would start: a broken file is an answer, not a graph.
 */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { type BuildFailure, build, formatMessages } from 'esbuild';
import { PROGRAMS, type Program, type ProgramName } from '../build/programs.ts';

/** Paths from the root of the project, with `/`; one that ends in `/` stands for everything below it. */
export type Parts = ReadonlySet<string>;

export type PartsAnswer = { ok: true; parts: Parts } | { ok: false; problem: string };

/** @param changed files that were just edited, which are read as Node will read them */
export async function partsOf(
  projectDir: string,
  name: ProgramName,
  changed: readonly string[],
): Promise<PartsAnswer> {
  const { entry, startedByPath = {}, browserScripts = {}, beside = {}, reads = [] }: Program = PROGRAMS[name];
  try {
    const { metafile } = await build({
      absWorkingDir: projectDir,
      entryPoints: [entry, ...Object.values(startedByPath), ...Object.values(browserScripts)],
      outdir: 'out/nowhere',
      write: false,
      metafile: true,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
    });
    const files = Object.keys(metafile.inputs);
    const problem = strippingProblem(
      projectDir,
      changed.filter((file) => files.includes(file)),
    );
    if (problem) return { ok: false, problem };
    const folders = reads.map((folder) => `${folder}/`);
    return { ok: true, parts: new Set([...files, ...Object.values(beside), ...folders]) };
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>;
    if (!errors) throw error;
    return { ok: false, problem: (await formatMessages(errors, { kind: 'error' })).join('').trim() };
  }
}

/** TypeScript that the bundler takes and Node does not: what can't be left out by leaving out types (an `enum`). */
function strippingProblem(projectDir: string, files: readonly string[]): string | undefined {
  for (const file of files) {
    try {
      stripTypeScriptTypes(readFileSync(join(projectDir, file), 'utf8'));
    } catch (error) {
      return `${file}: ${(error as Error).message}`;
    }
  }
  return undefined;
}

/** Whether one of `files` is among `parts`. */
export function isTouched(parts: Parts, files: readonly string[]): boolean {
  const folders = [...parts].filter((part) => part.endsWith('/'));
  return files.some((file) => parts.has(file) || folders.some((folder) => file.startsWith(folder)));
}
