import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LIVEKIT_VERSION } from '../../src-embedded/livekit/launch.ts';
import { ensurePage } from '../build/ensure-page.ts';
import { ensureDebianPackages } from './debian-packages.ts';
import { ensureLivekitServer } from './livekit-binary.ts';
import { type Progress, terminalProgress } from './progress.ts';
import { onPath, runCommand } from './run.ts';

let dir = '';
let said: string[] = [];
const progress: Progress = {
  say: (line) => void said.push(line),
  step: (what) => (outcome) => void said.push(`${what}: ${outcome}`),
};
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mindbot-setup-'));
  mkdirSync(join(dir, 'bin'));
  said = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  rmSync(dir, { recursive: true, force: true });
});

/** Puts a shell script onto PATH, which then holds nothing else. */
function program(name: string, script: string): string {
  const file = join(dir, 'bin', name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  vi.stubEnv('PATH', join(dir, 'bin'));
  return file;
}

describe('a set-up command', () => {
  it('tells success and the last of what it wrote', async () => {
    expect(await runCommand('/bin/sh', ['-c', 'echo one; echo two >&2'])).toMatchObject({ ok: true });
    const failed = await runCommand('/bin/sh', ['-c', 'yes | head -c 9000; echo the reason; exit 3']);
    expect(failed.ok).toBe(false);
    expect(failed.tail).toMatch(/the reason\n$/);
    expect(failed.tail.length).toBeLessThanOrEqual(2_000);
  });

  it('that is not there is a failure, not a fault', async () => {
    expect(await runCommand('/nowhere/program', [])).toMatchObject({ ok: false });
    vi.stubEnv('PATH', dir);
    expect(onPath('go')).toBeUndefined();
  });
});

describe('Debian packages', () => {
  const missing = () => [{ name: 'speech', file: join(dir, 'speech') }];

  it('are left alone when they are there', async () => {
    writeFileSync(join(dir, 'speech'), '');
    expect(await ensureDebianPackages(missing(), progress)).toEqual([]);
    expect(said).toEqual([]);
  });

  it('that can’t be installed here are named with what to type', async () => {
    vi.stubEnv('PATH', join(dir, 'bin'));
    expect(await ensureDebianPackages(missing(), progress)).toEqual(['speech']);
    expect(said.join()).toContain('sudo apt-get install -y --no-install-recommends speech');
  });

  it.runIf(process.getuid?.() === 0)('are installed where we may', async () => {
    program('apt-get', `echo "$@" >> ${dir}/calls`);
    expect(await ensureDebianPackages(missing(), progress)).toEqual([]);
    expect(readFileSync(join(dir, 'calls'), 'utf8')).toBe(
      'update -q\ninstall -y -q --no-install-recommends speech\n',
    );
  });

  it.runIf(process.getuid?.() === 0)('that fail to install are named with the reason', async () => {
    program('apt-get', 'echo "E: no such package"; exit 100');
    expect(await ensureDebianPackages(missing(), progress)).toEqual(['speech']);
    expect(said.join('\n')).toMatch(/E: no such package\nTo mend it: sudo apt-get install/);
  });
});

describe('livekit-server', () => {
  const find = () => ensureLivekitServer(dir, progress);
  const cached = () => join(dir, 'cache', 'mindbot-kiosk', `livekit-server-${LIVEKIT_VERSION}`);
  /** A release whose archive holds a program; `digest` stands in its list of checksums. */
  function release(archive: Buffer, digest: string): void {
    vi.stubGlobal('fetch', async (url: string) => {
      const name = String(url).split('/').at(-1);
      return new Response(name === 'checksums.txt' ? releaseNames(digest) : new Uint8Array(archive));
    });
  }
  const releaseNames = (digest: string) =>
    ['linux', 'darwin']
      .flatMap((os) =>
        ['amd64', 'arm64'].map((cpu) => `${digest}  livekit_${LIVEKIT_VERSION}_${os}_${cpu}.tar.gz`),
      )
      .join('\n');
  beforeEach(() => {
    vi.stubEnv('XDG_CACHE_HOME', join(dir, 'cache'));
    vi.stubGlobal('fetch', async () => {
      throw new Error('no network');
    });
  });

  it('is taken from PATH, else from the cache', async () => {
    const installed = program('livekit-server', 'exit 0');
    expect(await find()).toBe(installed);
    rmSync(installed);
    mkdirSync(join(dir, 'cache', 'mindbot-kiosk'), { recursive: true });
    writeFileSync(cached(), '');
    expect(await find()).toBe(cached());
  });

  it('is named with the way to get it when there is neither network nor Go', async () => {
    vi.stubEnv('PATH', join(dir, 'bin'));
    expect(await find()).toBeUndefined();
    expect(said.join()).toMatch(/not possible here \(no network\).*install Go/s);
  });

  it('is built when there is Go, and never half', async () => {
    program('go', 'while [ "$1" != -o ]; do shift; done; echo built > "$2"; exit 0');
    mkdirSync(join(dir, 'tools', 'livekit'), { recursive: true });
    expect(await find()).toBe(cached());
    rmSync(cached());
    program('go', 'while [ "$1" != -o ]; do shift; done; echo half > "$2"; exit 1');
    expect(await find()).toBeUndefined();
    expect(existsSync(cached())).toBe(false);
  });

  it('is taken from the official release only when its checksum is right', async () => {
    writeFileSync(join(dir, 'livekit-server'), 'the program');
    const packed = await runCommand('tar', ['-czf', join(dir, 'a.tar.gz'), '-C', dir, 'livekit-server']);
    expect(packed).toMatchObject({ ok: true });
    const archive = readFileSync(join(dir, 'a.tar.gz'));
    const path = `${process.env['PATH']}`;
    vi.stubEnv(
      'PATH',
      path
        .split(':')
        .filter((part) => !existsSync(join(part, 'go')))
        .join(':'),
    );
    release(archive, createHash('sha256').update('something else').digest('hex'));
    expect(await find()).toBeUndefined();
    expect(said.join()).toContain('its checksum does not match');
    release(archive, createHash('sha256').update(archive).digest('hex'));
    expect(await find()).toBe(cached());
    expect(readFileSync(cached(), 'utf8')).toBe('the program');
  });
});

describe('the page', () => {
  it('of an installed product, which has no sources, is taken as it is', async () => {
    expect(await ensurePage(dir, progress)).toBe(join(dir, 'out', 'renderer'));
    expect(said).toEqual([]);
  });

  it('is built once, and again after an edit', async () => {
    for (const name of ['src-renderer', 'src-shared', 'out/renderer', 'node_modules/vite/bin']) {
      mkdirSync(join(dir, name), { recursive: true });
    }
    writeFileSync(join(dir, 'src-renderer', 'page.ts'), 'a');
    const builder = join(dir, 'node_modules', 'vite', 'bin', 'vite.js');
    writeFileSync(builder, "require('node:fs').appendFileSync('builds', 'x')");
    const builds = () => readFileSync(join(dir, 'builds'), 'utf8').length;
    await ensurePage(dir, progress);
    await ensurePage(dir, progress);
    expect(builds()).toBe(1);
    writeFileSync(join(dir, 'src-renderer', 'page.ts'), 'ab');
    await ensurePage(dir, progress);
    expect(builds()).toBe(2);
    writeFileSync(builder, "console.error('line 7 is wrong'); process.exit(1)");
    writeFileSync(join(dir, 'src-renderer', 'page.ts'), 'abc');
    await expect(ensurePage(dir, progress)).rejects.toThrow(/line 7 is wrong/);
  });
});

describe('progress', () => {
  it('is plain lines where there is no terminal', () => {
    const lines: string[] = [];
    const stream = { isTTY: false, write: (text: string) => lines.push(text) > 0 };
    const done = terminalProgress(stream as unknown as NodeJS.WriteStream).step('Building');
    done('failed');
    expect(lines.join('')).toBe('Building …\nBuilding: failed (0 s)\n');
  });
});
