/** A mark of source files: the same as long as none of them was edited; by it a build knows whether it is fresh. */
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Tests are no part of what is built. */
const NOT_BUILT = /\.test(-kit)?\.tsx?$/;

/** Hex digest of names, sizes and times of all files below `paths`; cheap, and changes with any edit. */
export function sourceStamp(paths: readonly string[]): string {
  const hash = createHash('sha256');
  const visit = (path: string) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) return;
    if (!stat.isDirectory()) hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`);
    else
      for (const name of readdirSync(path).sort()) {
        if (!NOT_BUILT.test(name)) visit(join(path, name));
      }
  };
  for (const path of paths) visit(path);
  return hash.digest('hex');
}
