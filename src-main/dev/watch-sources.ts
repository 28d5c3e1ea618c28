/** Tells of saved source files, those of one save together. */
import { watch } from 'node:fs';
import { join, sep } from 'node:path';

/** What children are made of; the page has a watcher of its own (page-server.ts). */
const FOLDERS = [
  'src-agent',
  'src-embedded',
  'src-main',
  'src-relay',
  'src-runtime',
  'src-shared',
  'src-station',
  'supabase',
];

/** Editors write a file in several steps, a checkout of another branch writes many files. */
const QUIET_MS = 80;

/** A file that a program may be made of: no test, and nothing that an editor leaves beside it. */
export function isSource(file: string): boolean {
  return /\.(ts|sql|json)$/.test(file) && !/\.test(-kit)?\.ts$|(^|\/)[.#~]/.test(file);
}

/**
 * Calls `onSave` with paths from the root of the project, with `/`.
 * @returns the function that ends it
 */
export function watchSources(projectDir: string, onSave: (files: string[]) => void): () => void {
  const saved = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    const files = [...saved].sort();
    saved.clear();
    onSave(files);
  };
  const watchers = FOLDERS.map((folder) =>
    watch(join(projectDir, folder), { recursive: true }, (_, name) => {
      const file = `${folder}/${String(name).split(sep).join('/')}`;
      if (!isSource(file)) return;
      saved.add(file);
      clearTimeout(timer);
      timer = setTimeout(flush, QUIET_MS);
    }),
  );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
