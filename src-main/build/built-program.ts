/**
 * Where the built processes lie (ensure-children.ts makes them): each state of the sources has a folder of its own,
 * `out/children/<stamp>`, with one program per process and, beside them, the code V8 compiled from them.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sourceStamp } from './source-stamp.ts';

const SOURCES = [
  'src-main',
  'src-agent',
  'src-embedded',
  'src-relay',
  'src-station',
  'src-runtime',
  'src-shared',
  'package-lock.json',
];
const STAMP_LETTERS = 16;

export interface BuiltProgram {
  program: string;
  /** Where V8 keeps what it compiled, so that a second start does not compile again. */
  compiledDir: string;
}

/** Folder of all builds. */
export function buildsDir(projectDir: string): string {
  return join(projectDir, 'out', 'children');
}

/** Folder of the processes built from the sources as they are now, whether it exists or not. */
export function currentBuildDir(projectDir: string): string {
  const stamp = sourceStamp(SOURCES.map((name) => join(projectDir, name)));
  return join(buildsDir(projectDir), stamp.slice(0, STAMP_LETTERS));
}

/** The built program of a process, or undefined where it must run from its sources. */
export function builtProgram(buildDir: string | undefined, name: string): BuiltProgram | undefined {
  if (!buildDir) return undefined;
  const program = join(buildDir, `${name}.js`);
  return existsSync(program) ? { program, compiledDir: join(buildDir, '.compiled') } : undefined;
}
