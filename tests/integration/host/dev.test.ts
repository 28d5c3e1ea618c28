/** `npm run dev` on a copy of the sources: a save reaches its own process, the page, and nobody else. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeBinary, projectDir } from '../../../src-main/paths.ts';
import { healthReportSchema } from '../../../src-shared/health.ts';
import { portsFrom } from '../../../src-shared/ports.ts';
import { type ReadyLine, readyLineSchema } from '../../../src-shared/ready-line.ts';
import { freePortRange } from '../../support/processes/free-port.ts';

const COPIED = [
  'src-agent',
  'src-embedded',
  'src-main',
  'src-relay',
  'src-renderer',
  'src-runtime',
  'src-shared',
  'src-station',
  'supabase',
  'package.json',
  'package-lock.json',
];
const CLAIM_PAGE = 'src-relay/pages/claim-page.ts';
/** A start of everything from its sources, on a machine that is busy with other tests. */
const START_MS = 150_000;
const RELOAD_MS = 60_000;

let dir = '';
let base = 0;
let dev: ChildProcess | undefined;
let said = '';
let ready: ReadyLine;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mindbot-dev-'));
  for (const name of COPIED) cpSync(join(projectDir(), name), join(dir, name), { recursive: true });
  symlinkSync(join(projectDir(), 'node_modules'), join(dir, 'node_modules'));
  base = await freePortRange();
  const words = ['--headless', '--json', '--inspect', 'relay', '--port-base', String(base)];
  dev = spawn(nodeBinary(), [join(dir, 'src-main/commands/dev.ts'), ...words, '--data', join(dir, 'data')], {
    cwd: dir,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  dev.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  let stdout = '';
  dev.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  await until('the ready line', () => stdout.includes('\n'), START_MS);
  ready = readyLineSchema.parse(JSON.parse(stdout));
  await until('the inspector', () => said.includes('Inspector of relay'), START_MS);
}, START_MS);

afterAll(async () => {
  if (!dev) return;
  const ended = new Promise((resolve) => dev?.once('exit', resolve));
  dev.kill('SIGTERM');
  await ended;
  // In order, so that nothing of it is left to write here.
  expect(dev.exitCode).toBe(0);
  const { children } = JSON.parse(readFileSync(join(dir, 'data/run/processes.json'), 'utf8'));
  expect(children).toEqual([]);
  rmSync(dir, { recursive: true, force: true });
}, RELOAD_MS);

it(
  'restarts the one process that a saved file belongs to, and none for a broken one',
  async () => {
    const before = await instances();
    appendFileSync(join(dir, CLAIM_PAGE), '\n// saved\n');
    await until('the restart', () => said.includes(`ms (${CLAIM_PAGE})`), RELOAD_MS);
    const after = await instances();
    expect(changedBetween(before, after)).toEqual(['relay']);
    const saved = readFileSync(join(dir, CLAIM_PAGE), 'utf8');
    writeFileSync(join(dir, CLAIM_PAGE), `${saved}\nexport const = 1;\n`);
    await until('the word on it', () => said.includes('relay goes on as it is'), RELOAD_MS);
    expect(said).toContain(`${CLAIM_PAGE}:`);
    expect(changedBetween(after, await instances())).toEqual([]);
  },
  2 * RELOAD_MS,
);

it(
  'serves a saved page at once, at the station’s own address and under its policy, and restarts nobody',
  async () => {
    const before = await instances();
    const file = 'src-renderer/kiosk/main.tsx';
    const page = () => fetch(new URL('/kiosk/main.tsx', ready.ui)).then((answer) => answer.text());
    expect(await page()).not.toContain('saved-in-the-test');
    appendFileSync(join(dir, file), '\nconsole.debug("saved-in-the-test");\n');
    await until('the new page', async () => (await page()).includes('saved-in-the-test'), RELOAD_MS);
    const start = await fetch(new URL('/', ready.ui));
    const policy = start.headers.get('content-security-policy') ?? '';
    const nonce = /script-src 'self' 'nonce-([\w-]+)'/.exec(policy)?.[1];
    expect(nonce).toBeDefined();
    expect(await start.text()).toContain(`nonce="${nonce}"`);
    expect(changedBetween(before, await instances())).toEqual([]);
    // What pages are not made of stays where it is.
    for (const path of ['package.json', 'data/secrets/local.json', CLAIM_PAGE]) {
      const answer = await fetch(new URL(`/@fs${join(dir, path)}`, ready.ui));
      expect([path, answer.status]).toEqual([path, 403]);
    }
  },
  2 * RELOAD_MS,
);

it('opens the inspector of the process that was named, on loopback', async () => {
  const address = new URL(/Inspector of relay: (ws:\S+)/.exec(said)?.[1] ?? '');
  expect(address.hostname).toBe('127.0.0.1');
  const targets = await (await fetch(`http://${address.host}/json/list`)).json();
  expect(targets).toMatchObject([{ url: expect.stringMatching(/src-relay\/main\.ts$/) }]);
});

/** The run of each process, by its name: another one after a restart. */
async function instances(): Promise<Record<string, string>> {
  const ports = portsFrom(base);
  const asked = { ...ports, agent: ports.agentHealth };
  const names = ['relay', 'station', 'supabase', 'stripe', 'speech', 'agent'] as const;
  const found = names.map(async (name) => {
    const answer = await fetch(`http://127.0.0.1:${asked[name]}/health`);
    return [name, healthReportSchema.parse(await answer.json()).instance] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

function changedBetween(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(before).filter((name) => before[name] !== after[name]);
}

async function until(what: string, isSo: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (!(await isSo())) {
    if (dev?.exitCode !== null) throw new Error(`dev ended while waiting for ${what}:\n${said}`);
    if (performance.now() > untilMs) throw new Error(`no sign of ${what} in ${withinMs} ms:\n${said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
