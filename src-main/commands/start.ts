/** `npm start`: the Electron host where its binary and a display are there, else the browser host. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { builtProgram, currentBuildDir } from '../build/built-program.ts';
import { hasDisplay } from '../chromium/kiosk-window.ts';
import { electronBinary } from '../electron/program.ts';
import { projectDir } from '../paths.ts';
import { dyingWithParent } from '../supervisor/spawn.ts';
import { onEndAsked } from './end-asked.ts';

const args = process.argv.slice(2);
const plain = args.some((word) => ['--headless', '--json', '--browser', '--help', '-h'].includes(word));
const electron = plain || !hasDisplay() ? undefined : electronBinary();
const built = existsSync(join(projectDir(), 'out', 'main', 'main.js'));
if (electron && built) {
  const [command, words] = dyingWithParent(electron, [projectDir(), ...args], 'TERM');
  const child = spawn(command, words, { stdio: 'inherit' });
  onEndAsked((signal) => child.kill(signal));
  child.once('exit', (code) => process.exit(code ?? 0));
} else {
  const sources = args.includes('--sources');
  const host = sources ? undefined : builtProgram(currentBuildDir(projectDir()), 'host');
  if (host) {
    enableCompileCache(host.compiledDir);
    await import(pathToFileURL(host.program).href);
  } else {
    await import('./serve.ts');
  }
}
