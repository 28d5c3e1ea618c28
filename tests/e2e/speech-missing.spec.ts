/** Without a speech recogniser on the machine nobody is heard; writing to the assistant works all the same. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type Browser, expect, type Page, test } from '@playwright/test';
import {
  activate,
  askBalance,
  buyStarter,
  clockRuns,
  endTalk,
  leave,
  openKiosk,
  startTalk,
  typeCode,
} from '../support/browser/customer.ts';
import { launchKioskBrowser } from '../support/browser/kiosk-browser.ts';
import { startTestStation, type TestStation } from '../support/station/station.ts';
import { ledgerSpentSeconds } from '../support/station/usage.ts';

let workDir: string;
let station: TestStation;
let browser: Browser;
let page: Page;
let code: string;
let talkedBefore = 0;

test.beforeAll(async () => {
  workDir = mkdtempSync(join(tmpdir(), 'mindbot-mute-'));
  [station, browser] = await Promise.all([
    startTestStation({
      env: { PATH: pathWithoutRecogniser(join(workDir, 'bin')) },
      unwell: ['speech', 'agent'],
    }),
    launchKioskBrowser(),
  ]);
  page = await openKiosk(browser, station);
  code = await buyStarter(page);
  await activate(page);
});

test.afterAll(async () => {
  await browser?.close();
  await station?.stop();
  rmSync(workDir, { recursive: true, force: true });
});

test('who came to speak is told, for free, and writes', async () => {
  const health = await (await fetch(`${station.ready.speech}/health`)).json();
  expect(health).toMatchObject({ status: 'degraded', checks: { voice: 'ok' } });
  await startTalk(page);
  const meter = page.getByTestId('meter-state');
  await expect(meter).toHaveAttribute('data-meter', 'ears_lost');
  await expect(page.getByTestId('voice-state')).toHaveText('We can’t hear you');
  await expect(page.getByTestId('captions')).toContainText('I can not hear you just now');
  await page.getByTestId('action-type-instead').click();
  await page.getByTestId('write-input').fill('How much time do I have left?');
  await page.getByTestId('action-send').click();
  await clockRuns(page);
  await expect(page.getByTestId('captions')).toContainText(/You have \d+ minutes left/);
  talkedBefore = (await endTalk(page)).talked;
});

test('a written question is answered, and charged like any talk', async () => {
  await leave(page);
  await typeCode(page, code);
  await page.getByTestId('action-type-instead').click();
  await startTalk(page);
  await askBalance(page);
  // Still there when the recogniser has been missed several times.
  await askBalance(page);
  const { talked } = await endTalk(page);
  expect(talked).toBeGreaterThan(0);
  await expect.poll(() => ledgerSpentSeconds(station.ready)).toBe(talkedBefore + talked);
});

/** All programs of this machine but pocketsphinx, as links in one folder. */
function pathWithoutRecogniser(binDir: string): string {
  mkdirSync(binDir);
  const known = new Set<string>();
  for (const dir of ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin']) {
    for (const name of readdirSync(dir)) {
      if (name.startsWith('pocketsphinx') || known.has(name)) continue;
      known.add(name);
      symlinkSync(join(dir, name), join(binDir, name));
    }
  }
  return [dirname(process.execPath), binDir].join(delimiter);
}
