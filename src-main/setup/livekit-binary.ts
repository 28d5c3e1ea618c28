/**
 * Finds or makes the livekit-server program: from PATH, from our cache, from the official release (checked against its
 * checksum list), or built with Go from the module pinned in tools/livekit.
 */
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { arch, homedir, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { LIVEKIT_VERSION } from '../../src-embedded/livekit/launch.ts';
import { sha256Hex } from '../../src-runtime/hash.ts';
import { UNPACKED_APP } from '../paths.ts';
import type { Progress } from './progress.ts';
import { onPath, runCommand } from './run.ts';

const DOWNLOAD_TIMEOUT_MS = 60_000;
const RELEASES = 'https://github.com/livekit/livekit/releases/download';

/** Where the packed product carries the program, below Electron's resources folder. */
export const PACKED_LIVEKIT_SERVER = `bin/livekit-server${platform() === 'win32' ? '.exe' : ''}`;

/** Where a downloaded or built program lies; other stations of this user share it. */
export function cachedLivekitServer(): string {
  const cacheDir = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(cacheDir, 'mindbot-kiosk', `livekit-server-${LIVEKIT_VERSION}`);
}

/** Gives the program's path, or undefined after saying how to mend it. `projectDir` holds tools/livekit. */
export async function ensureLivekitServer(
  projectDir: string,
  progress: Progress,
): Promise<string | undefined> {
  const installed = onPath('livekit-server');
  if (installed) return installed;
  const packed = join(dirname(projectDir), PACKED_LIVEKIT_SERVER);
  if (basename(projectDir) === UNPACKED_APP && existsSync(packed)) return packed;
  const cached = cachedLivekitServer();
  const cacheDir = dirname(cached);
  if (existsSync(cached)) return cached;
  await mkdir(cacheDir, { recursive: true });
  if (await download(cacheDir, cached, progress)) return cached;
  if (await build(projectDir, cached, progress)) return cached;
  return undefined;
}

async function download(cacheDir: string, target: string, progress: Progress): Promise<boolean> {
  const name = `livekit_${LIVEKIT_VERSION}_${platform()}_${arch() === 'x64' ? 'amd64' : arch()}.tar.gz`;
  const done = progress.step('Downloading livekit-server');
  const workDir = await mkdtemp(join(cacheDir, 'download-'));
  try {
    const [archive, sums] = await Promise.all([fetchBytes(name), fetchBytes('checksums.txt')]);
    const line = sums
      .toString('utf8')
      .split('\n')
      .find((text) => text.endsWith(name));
    const digest = sha256Hex(archive);
    if (line?.split(/\s+/)[0] !== digest) throw new Error('its checksum does not match');
    const file = join(workDir, name);
    await writeFile(file, archive);
    const unpacked = await runCommand('tar', ['-xzf', file, '-C', workDir, 'livekit-server']);
    if (!unpacked.ok) throw new Error(unpacked.tail);
    await install(join(workDir, 'livekit-server'), target);
    done();
    return true;
  } catch (error) {
    done(`not possible here (${error instanceof Error ? error.message : String(error)})`);
    return false;
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function fetchBytes(name: string): Promise<Buffer> {
  const response = await fetch(`${RELEASES}/v${LIVEKIT_VERSION}/${name}`, {
    signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

async function build(projectDir: string, target: string, progress: Progress): Promise<boolean> {
  if (!onPath('go')) {
    progress.say(
      `livekit-server ${LIVEKIT_VERSION} is missing, and so is Go to build it. To mend it: install Go 1.26 or newer, or put livekit-server on PATH, or set LIVEKIT_URL. Everything but the talk runs without it.`,
    );
    return false;
  }
  const done = progress.step('Building livekit-server with Go (once, one to three minutes)');
  const output = `${target}.new-${process.pid}`;
  const args = [
    'build',
    '-buildvcs=false',
    '-trimpath',
    '-ldflags=-s -w',
    '-o',
    output,
    'github.com/livekit/livekit-server/cmd/server',
  ];
  const result = await runCommand('go', args, {
    cwd: join(projectDir, 'tools', 'livekit'),
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  if (result.ok) await install(output, target);
  done(result.ok ? 'done' : 'failed');
  if (!result.ok)
    progress.say(
      `${result.tail.trim().split('\n').slice(-3).join('\n')}\nEverything but the talk runs without it.`,
    );
  return result.ok;
}

/** Rename last, so that a build that was cut off never looks whole. */
async function install(from: string, to: string): Promise<void> {
  await chmod(from, 0o755);
  await rename(from, to);
}
