/**
 * Vite's own server for pages that are being worked on, on loopback: a saved page file is seen at once. It serves what
 * pages are made of and no other file.
 */
import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer as createViteServer, type Logger } from 'vite';
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
  // A server and a process of our own: Vite's would end the process at SIGTERM, before the station could end in order.
  const http = createServer();
  const vite = await createViteServer({
    root,
    configFile: join(root, 'vite.config.ts'),
    cacheDir: join(projectDir, 'out', 'vite'),
    customLogger: loggerOf(say),
    html: { cspNonce: nonce },
    server: {
      middlewareMode: true,
      hmr: { server: http },
      open: open ?? false,
      fs: { allow: PAGE_FOLDERS.map((folder) => realpathSync(join(projectDir, folder))) },
    },
  });
  http.on('request', vite.middlewares);
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  if (open) {
    vite.resolvedUrls = { local: [url], network: [] };
    vite.openBrowser();
  }
  return { url, nonce };
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
