/** `npm run enrol` as the technician types it, against a real relay: what it keeps, what it says, what it refuses. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { enrolmentCode } from '../../support/fleet/fleet.ts';
import { type RelayStack, startRelayStack } from '../../support/relay/relay.ts';

let stack: RelayStack;
let dataDir: string;

beforeAll(async () => {
  stack = await startRelayStack();
});
afterAll(() => stack?.stop());
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'mindbot-enrol-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

async function enrol(code: string, url = stack.relay.url): Promise<{ exitCode: number; said: string }> {
  const child = spawn(
    process.execPath,
    ['src-main/commands/enrol.ts', '--code', code, '--url', url, '--data', dataDir],
    { env: { PATH: process.env['PATH'] }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = new Promise<number>((resolve) => child.once('exit', (exitCode) => resolve(exitCode ?? 1)));
  const said = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { exitCode: await ended, said: said.join('') };
}

const secretsFile = () => join(dataDir, 'secrets', 'local.json');

it('keeps the device account for the owner’s eyes, tells no password, and takes no second one', async () => {
  const code = await enrolmentCode(stack, { name: 'Museum' });
  const { exitCode, said } = await enrol(code);
  expect([exitCode, said]).toEqual([0, expect.stringContaining('This box is now kiosk “Museum”')]);
  const { kiosk } = JSON.parse(readFileSync(secretsFile(), 'utf8'));
  expect(kiosk).toMatchObject({ name: 'Museum', enrolledAt: expect.any(String) });
  expect(said).not.toContain(kiosk.password);
  expect(statSync(secretsFile()).mode & 0o777).toBe(0o600);
  await stack.signIn(kiosk);

  const again = await enrol(await enrolmentCode(stack));
  expect([again.exitCode, again.said]).toEqual([
    1,
    expect.stringContaining('already served as kiosk “Museum”'),
  ]);
  expect(JSON.parse(readFileSync(secretsFile(), 'utf8')).kiosk).toEqual(kiosk);
});

it('says what is wrong with a code or an address, and leaves the box free to try again', async () => {
  expect(await enrol('0000-0000-0000')).toMatchObject({
    exitCode: 1,
    said: expect.stringContaining('not accepted'),
  });
  const code = await enrolmentCode(stack);
  expect((await enrol(code, 'http://relay.example')).said).toContain('is not https');
  expect((await enrol(code, `${stack.sandbox.url}`)).said).toContain('is it the address of the relay?');
  expect((await enrol(code)).exitCode).toBe(0);
});
