/**
 * Vite's own server for pages that are being worked on, on loopback: a saved page file is seen at once. It serves what
 * pages are made of and no other file.
 */
import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { createServer, type Logger } from 'vite';
import type { PageServer } from '../children/node-child.ts';

const PAGE_FOLDERS = ['src-renderer', 'src-shared', 'node_modules'];

/**
 * @param say gets Vite's lines: what was reloaded, what is wrong
 * @param open page that the person's browser opens
 */
export async function startPageServer(
  projectDir: string,
  say: (line: string) => void,
  open?: string,
): Promise<PageServer> {
  const root = join(projectDir, 'src-renderer');
  const nonce = randomBytes(16).toString('base64url');
  const server = await createServer({
    root,
    configFile: join(root, 'vite.config.ts'),
    cacheDir: join(projectDir, 'out', 'vite'),
    customLogger: loggerOf(say),
    html: { cspNonce: nonce },
    server: {
      host: '127.0.0.1',
      port: 0,
      open: open ?? false,
      fs: { allow: PAGE_FOLDERS.map((folder) => realpathSync(join(projectDir, folder))) },
    },
  });
  await server.listen();
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error('the page server has no address');
  return { url: url.replace(/\/$/, ''), nonce };
}

function loggerOf(say: (line: string) => void): Logger {
  const said = new Set<string>();
  const line = (text: string) => say(`page: ${text}`);
  return {
    hasWarned: false,
    info: line,
    warn: line,
    error: line,
    warnOnce: (text) => {
      if (!said.has(text)) line(text);
      said.add(text);
    },
    clearScreen: () => undefined,
    hasErrorLogged: () => false,
  };
}
