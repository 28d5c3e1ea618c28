/**
 * However the product ends, no process of it is left: Ctrl-C, SIGTERM (also to npm), the window's end, kill -9 of the host. The whole
 * station runs; only the window is a stand-in (a program named chromium that waits), as there is no display here.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePortRange } from '../../support/processes/free-port.ts';
import { processTree } from '../../support/processes/process-tree.ts';
import { eventually, isRunning } from '../../support/processes/supervised.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const START_TIMEOUT_MS = 110_000;
/** A child that does not end when asked is killed after 5 s; one after the other. */
const END_TIMEOUT_MS = 30_000;

/** How it is started: Node itself, as a service does it, or npm, as a person does. */
type Program = readonly [command: string, ...words: string[]];
const HOST: Program = [process.execPath, 'src-main/commands/start.ts'];
const NPM: Program = ['npm', 'start', '--'];

let dir = '';
let portBase = 0;
let host: ChildProcess | undefined;
let pids: number[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mindbot-host-end-'));
  portBase = await freePortRange();
  mkdirSync(join(dir, 'bin'));
  const chromium = join(dir, 'bin', 'chromium');
  writeFileSync(
    chromium,
    `#!/bin/sh\necho "$$ $*" > ${windowFile()}\nenv > ${windowFile()}.env\nexec sleep 1000\n`,
  );
  chmodSync(chromium, 0o755);
});

afterEach(() => {
  if (host?.exitCode === null) host.kill('SIGKILL');
  for (const pid of pids.filter(isRunning)) process.kill(pid, 'SIGKILL');
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

const windowFile = () => join(dir, 'window');

/** Starts the product with its window and waits until all is ready; gives the pid of what was started. */
async function start([program, ...before]: Program): Promise<number> {
  rmSync(windowFile(), { force: true });
  const args = [...before, '--browser', '--data', join(dir, 'data'), '--port-base', String(portBase)];
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: `${join(dir, 'bin')}:${process.env['PATH']}`,
      HOME: process.env['HOME'] ?? dir,
      DISPLAY: ':99',
      STRIPE_WEBHOOK_SECRET: '',
    },
  });
  host = child;
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await eventually('the product is ready', () => said.includes('MindBot Kiosk is ready.'), START_TIMEOUT_MS);
  await eventually('the window is open', () => existsSync(windowFile()));
  const pid = child.pid ?? 0;
  pids = processTree(pid);
  // The host, its eight children and the window, at least.
  expect(pids.length).toBeGreaterThan(9);
  expect(pids).toContain(windowPid());
  return pid;
}

function windowPid(): number {
  return Number.parseInt(readFileSync(windowFile(), 'utf8'), 10);
}

describe('the end of the product', () => {
  it.each<[string, Program, (pid: number) => void, number | null]>([
    ['Ctrl-C', HOST, (pid: number) => process.kill(pid, 'SIGINT'), 0],
    ['SIGTERM', HOST, (pid: number) => process.kill(pid, 'SIGTERM'), 0],
    ['the end of its window', HOST, () => process.kill(windowPid(), 'SIGTERM'), 0],
    ['kill -9 of the host', HOST, (pid: number) => process.kill(pid, 'SIGKILL'), null],
    ['SIGTERM to npm, which does not hand it on', NPM, (pid: number) => process.kill(pid, 'SIGTERM'), null],
  ])(
    'by %s leaves no process behind',
    { timeout: START_TIMEOUT_MS + END_TIMEOUT_MS },
    async (_how, command, end, code) => {
      const pid = await start(command);
      const ended = new Promise<number | null>((done) => host?.once('exit', done));
      end(pid);
      expect(await ended).toBe(code);
      await eventually(
        'all processes are gone',
        () => pids.filter(isRunning).length === 0,
        END_TIMEOUT_MS,
      ).catch(() => undefined);
      expect(pids.filter(isRunning).map(commandOf)).toEqual([]);
    },
  );

  it('has given the window its address and no setting', () => {
    expect(readFileSync(windowFile(), 'utf8')).toMatch(/--kiosk .*http:\/\/127\.0\.0\.1:\d+\/launch\?nonce=/);
    expect(readFileSync(`${windowFile()}.env`, 'utf8')).not.toMatch(/STRIPE|MINDBOT/);
  });
});

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
}
