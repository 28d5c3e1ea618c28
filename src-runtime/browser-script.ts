/** Scripts of our small hosted pages: written in TypeScript beside the module that serves them, run by a browser. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { siblingModule } from './sibling-module.ts';

/**
 * The text of `name.browser.ts` beside the module that asks (`import.meta.url`), as JavaScript. The built children
 * carry it ready-made; among the sources its types are taken out here.
 */
export async function browserScript(importMetaUrl: string, name: string): Promise<string> {
  const file = siblingModule(importMetaUrl, `${name}.browser`);
  const text = readFileSync(file, 'utf8');
  if (extname(file.pathname) === '.js') return text;
  const { stripTypeScriptTypes } = await import('node:module');
  return stripTypeScriptTypes(text);
}
