/**
 * The product's main job on real parts: buy Starter with a test card, get a code, talk aloud, watch the time fall, end,
 * see the receipt; come back to another start of the product with the same code and talk on.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, expect, type Page, test } from '@playwright/test';
import {
  activate,
  endTalk,
  GOOD_CARD,
  leave,
  openCheckout,
  openKiosk,
  payWith,
  remainingOnScreen,
  STARTER_SECONDS,
  shownCode,
  startTalk,
  typeCode,
} from '../../support/browser/customer.ts';
import { launchKioskBrowser, recordAssistant, speakAloud } from '../../support/browser/kiosk-browser.ts';
import { startTestStation, type TestStation } from '../../support/station/station.ts';
import { ledgerSpentSeconds, ledgerViolations, storeChargedSeconds } from '../../support/station/usage.ts';
import { recogniseSamples, synthesise } from '../../support/talk/speech.ts';

/** Photographs of the real product on its way; two of them stand in the README. */
const PICTURES = join('tests', 'artifacts', 'journey');

let workDir: string;
let question: string;
let station: TestStation;
let browser: Browser;

test.beforeAll(async () => {
  workDir = mkdtempSync(join(tmpdir(), 'mindbot-journey-'));
  mkdirSync(PICTURES, { recursive: true });
  question = join(workDir, 'question.wav');
  await synthesise('How much time do I have left?', question, { leadSilenceMs: 200, tailSilenceMs: 1_000 });
  [station, browser] = await Promise.all([startTestStation(), launchKioskBrowser()]);
});

test.afterAll(async () => {
  await browser?.close();
  await station?.stop();
  rmSync(workDir, { recursive: true, force: true });
});

test('buy, talk aloud, watch the time fall, come back with the code', async () => {
  const page = await openKiosk(browser, station);
  await photograph(page, 'attract');
  await page.getByTestId('action-begin').click();
  await page.getByTestId('choose-buy').click();
  await photograph(page, 'packages');
  await page.getByTestId('package-starter').click();
  await page.getByTestId('choose-phone').click();
  const phone = await openCheckout(page);
  await photograph(page, 'pay');
  await payWith(phone.page, GOOD_CARD);
  const code = await shownCode(page);
  await photograph(page, 'code');
  await activate(page);
  await photograph(page, 'ready');

  await startTalk(page);
  const captions = page.getByTestId('captions');
  await expect(captions).toContainText('How can I help you?');
  await expect(page.getByTestId('voice-state')).toHaveAttribute('data-state', 'listening');
  const clockBefore = await remainingOnScreen(page);

  // The question is heard, the tool is called, the answer is seen …
  const recording = await recordAssistant(page);
  await speakAloud(page, question);
  await expect(captions).toContainText(/how much time do i have left/i);
  await expect(captions).toContainText('You have 59 minutes left.');
  await photograph(page, 'talk');
  await expect(page.getByTestId('voice-state')).toHaveAttribute('data-state', 'listening');
  // … and heard.
  const heard = await recogniseSamples(await recording.stop());
  expect(heard.general).toContain('fifty nine minutes');
  expect(await remainingOnScreen(page)).toBeLessThan(clockBefore);

  // Screen, SQLite and ledger agree to the second; the screen's own clock was right to the last.
  const clockAtEnd = await remainingOnScreen(page);
  const { talked, remaining } = await endTalk(page);
  await photograph(page, 'receipt');
  expect(talked + remaining).toBe(STARTER_SECONDS);
  expect(Math.abs(clockAtEnd - remaining)).toBeLessThanOrEqual(1);
  await expect.poll(() => ledgerSpentSeconds(station.ready)).toBe(talked);
  expect(storeChargedSeconds(station.ready.dataDir)).toBe(talked);
  await leave(page);
  await page.context().close();

  // Another start of the product, the same code: the rest is there.
  const { dataDir } = station.ready;
  await station.stop({ remove: false });
  station = await startTestStation({ dataDir });
  const later = await openKiosk(browser, station);
  await typeCode(later, code.toLowerCase());
  await expect(later.getByTestId('screen-ready')).toBeVisible();
  expect(await remainingOnScreen(later)).toBe(remaining);
  await startTalk(later);
  await expect.poll(() => remainingOnScreen(later)).toBeLessThan(remaining);
  const total = talked + (await endTalk(later)).talked;
  await expect.poll(() => ledgerSpentSeconds(station.ready)).toBe(total);
  expect(storeChargedSeconds(dataDir)).toBe(total);
  expect(await ledgerViolations(station.ready)).toEqual([]);

  // What an auditor and a technician would run beside it.
  expect(runTool('tools/verify-usage.ts', ['--data', dataDir])).toContain(
    `verify-usage: talks=2 seconds=${total} faults=0`,
  );
  const words = ['--data', dataDir, '--port-base', String(station.portBase), '--json'];
  const { findings } = JSON.parse(runTool('src-main/commands/doctor.ts', words));
  expect(findings).toContainEqual(expect.objectContaining({ name: 'Ledger', level: 'ok' }));
  expect(findings).toContainEqual(expect.objectContaining({ name: 'Usage log', level: 'ok' }));
});

/** Runs one of the product's commands; gives what it printed. */
function runTool(program: string, words: readonly string[]): string {
  return spawnSync(process.execPath, [program, ...words], { encoding: 'utf8' }).stdout;
}

/** Takes the picture when what moves in has arrived. */
async function photograph(page: Page, name: string): Promise<void> {
  await page.evaluate(() => {
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    return Promise.all(ending.map(({ finished }) => finished.catch(() => undefined)));
  });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}
