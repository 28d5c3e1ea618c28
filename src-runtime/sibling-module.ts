/** Modules that are started by path (a worker thread, a forked job) instead of being imported. */
import { extname } from 'node:path';

/**
 * Address of the module `name` beside the one that asks (`import.meta.url`): `name.ts` among the sources, `name.js` in
 * the built children, where all such modules lie in one folder.
 */
export function siblingModule(importMetaUrl: string, name: string): URL {
  return new URL(`./${name}${extname(importMetaUrl)}`, importMetaUrl);
}
