/** Where things are: the project's files, the data directory and the Node program that runs the children. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** Name of the folder in which a packed application keeps what plain Node must read. */
export const UNPACKED_APP = 'app.asar.unpacked';

/**
 * Root of the checkout or of the unpacked application: the folder of package.json above this file, wherever the build
 * has put it.
 */
export function projectDir(): string {
  return rootOf(dirname(fileURLToPath(import.meta.url)));
}

function rootOf(dir: string): string {
  if (existsSync(join(dir, 'package.json'))) return outsideAsar(dir);
  const parent = dirname(dir);
  if (parent === dir) throw new Error('the folder of package.json was not found');
  return rootOf(parent);
}

/** The same path where a program other than Electron can read it. */
export function outsideAsar(path: string): string {
  return path.replace(/([/\\])app\.asar(?=[/\\]|$)/, `$1${UNPACKED_APP}`);
}

/** The Node 24 that npm installs with the project: children never run on Electron's or the system's Node. */
export function nodeBinary(): string {
  const program = platform() === 'win32' ? 'node.exe' : 'node';
  return join(dirname(outsideAsar(require.resolve('node/package.json'))), 'bin', program);
}

/** The data directory of a station that names none. */
export function defaultDataDir(env: NodeJS.ProcessEnv): string {
  if (platform() === 'win32')
    return join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'MindBot Kiosk');
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Application Support', 'MindBot Kiosk');
  return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'mindbot-kiosk');
}
