/**
 * The Electron host with a real window: runs where Electron's program and a display are, and says loudly when not.
 * To run it: `npx install-electron --no` (a download), `npm run build`, then
 * `xvfb-run npx playwright test tests/e2e/electron.spec.ts`.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, expect, type Page, test } from '@playwright/test';
import { hasDisplay } from '../../src-main/chromium/kiosk-window.ts';
import { electronBinary } from '../../src-main/electron/program.ts';
import { projectDir } from '../../src-main/paths.ts';
import { ProcessRecord } from '../../src-main/supervisor/run-file.ts';
import { freePortRange } from '../support/processes/free-port.ts';

const missing = [
  ...(electronBinary() ? [] : ['Electron’s program (npx install-electron --no)']),
  ...(hasDisplay() ? [] : ['a display (xvfb-run)']),
  ...(existsSync(join(projectDir(), 'out', 'main', 'main.js')) ? [] : ['the build (npm run build)']),
];
if (missing.length > 0) console.warn(`\n!!! ELECTRON SUITE SKIPPED: missing ${missing.join(', ')}\n`);
test.skip(missing.length > 0, `missing: ${missing.join(', ')}`);

let dataDir = '';
let electron: ElectronApplication;
let page: Page;

test.beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'mindbot-electron-'));
  const portBase = await freePortRange();
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  electron = await _electron.launch({
    executablePath: electronBinary() ?? '',
    args: [...asRoot, projectDir(), '--data', dataDir, '--port-base', String(portBase)],
    timeout: 120_000,
  });
  page = await electron.firstWindow({ timeout: 120_000 });
});

test.afterAll(async () => {
  await electron?.close();
  if (dataDir) rmSync(dataDir, { recursive: true, force: true });
});

test('shows the first screen, full screen, in a sandbox', async () => {
  await expect(page.getByTestId('screen-attract')).toBeVisible();
  const window = await electron.browserWindow(page);
  expect(await window.evaluate((shown) => shown.isKiosk() && shown.isFullScreen())).toBe(true);
  expect(await page.evaluate(() => [typeof require, typeof process])).toEqual(['undefined', 'undefined']);
});

test('gives the page four calls and nothing else of Electron', async () => {
  const calls = await page.evaluate(() => {
    const host: unknown = Reflect.get(globalThis, 'mindbotHost');
    return typeof host === 'object' && host ? Object.keys(host).sort() : [];
  });
  expect(calls).toEqual(['display', 'exit', 'print', 'restart']);
});

test('stays on the station, opens no window, and gives the microphone alone', async () => {
  const before = page.url();
  await page.evaluate(() => location.assign('https://example.com/'));
  await expect.poll(() => page.url()).toBe(before);
  expect(await page.evaluate(() => window.open('https://example.com/') === null)).toBe(true);
  const states = await page.evaluate(async () => {
    const ask = async (name: string) =>
      (await navigator.permissions.query({ name: name as PermissionName })).state;
    return Promise.all(['microphone', 'camera', 'geolocation', 'notifications'].map(ask));
  });
  expect(states).toEqual(['granted', 'denied', 'denied', 'denied']);
});

test('leaves no process behind when it ends', async () => {
  await electron.close();
  expect(new ProcessRecord(join(dataDir, 'run', 'processes.json')).runningHost()).toBeNull();
});
