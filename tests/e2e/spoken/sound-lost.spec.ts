/**
 * The clock believes sound: a microphone or loudspeaker that goes away, and an assistant that says it speaks and is not
 * heard, stop the clock, are told, and heal without a new page.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, expect, type Page, test } from '@playwright/test';
import {
  activate,
  askBalance,
  buyStarter,
  clockRuns,
  endTalk,
  openKiosk,
  remainingOnScreen,
  say,
  startTalk,
} from '../../support/browser/customer.ts';
import {
  breakAssistantSound,
  launchKioskBrowser,
  microphoneGain,
  plug,
  speakAloud,
} from '../../support/browser/kiosk-browser.ts';
import { startTestStation, type TestStation } from '../../support/station/station.ts';
import { synthesise } from '../../support/talk/speech.ts';

/** What is lost is told so soon. */
const TOLD_WITHIN_MS = 3_000;

let workDir: string;
let question: string;
let station: TestStation;
let browser: Browser;
let page: Page;

test.beforeAll(async () => {
  workDir = mkdtempSync(join(tmpdir(), 'mindbot-sound-'));
  question = join(workDir, 'question.wav');
  await synthesise('How much time do I have left?', question, { leadSilenceMs: 200, tailSilenceMs: 1_000 });
  [station, browser] = await Promise.all([startTestStation(), launchKioskBrowser()]);
  page = await openKiosk(browser, station);
  await buyStarter(page);
  await activate(page);
});

test.afterAll(async () => {
  await browser?.close();
  await station?.stop();
  rmSync(workDir, { recursive: true, force: true });
});

test.beforeEach(async () => {
  await startTalk(page);
  await expect(page.getByTestId('voice-state')).toHaveAttribute('data-state', 'listening');
});

test.afterEach(async () => {
  await endTalk(page);
});

async function isLost(which: 'microphone_lost' | 'speaker_lost', words: string): Promise<void> {
  await expect(page.getByTestId('meter-state')).toHaveAttribute('data-meter', which, {
    timeout: TOLD_WITHIN_MS,
  });
  await expect(page.getByTestId('voice-state')).toHaveText(words);
}

/** What was lost costs nothing, however long it lasts. */
async function clockStandsStill(): Promise<void> {
  const before = await remainingOnScreen(page);
  await expect
    .poll(async () => (await remainingOnScreen(page)) - before, { intervals: [4_000], timeout: 10_000 })
    .toBe(0);
}

async function isHeard(): Promise<void> {
  const customers = page.locator('[data-testid=caption][data-who=customer]');
  const before = await customers.count();
  await speakAloud(page, question);
  await expect.poll(() => customers.count()).toBeGreaterThan(before);
  await expect(customers.last()).toContainText(/how much time do i have left/i);
}

test('a microphone that is pulled out: told, free, written instead; heard again once it is back', async () => {
  await plug(page, { microphone: false, loudspeaker: true });
  await isLost('microphone_lost', 'We can’t hear you');
  await clockStandsStill();
  await page.getByTestId('action-type-instead').click();
  await page.getByTestId('write-input').fill('How much time do I have left?');
  await page.getByTestId('action-send').click();
  await clockRuns(page);
  await plug(page, { microphone: true, loudspeaker: true });
  await expect(page.getByTestId('action-mute')).toBeEnabled();
  await isHeard();
});

test('a microphone that gives zeros alone, as one the system has muted', async () => {
  await microphoneGain(page, 0);
  await isLost('microphone_lost', 'We can’t hear you');
  await clockStandsStill();
  await microphoneGain(page, 1);
  await clockRuns(page);
  await isHeard();
});

test('one that the customer has muted is no loss', async () => {
  await page.getByTestId('action-mute').click();
  const before = await remainingOnScreen(page);
  await expect.poll(async () => before - (await remainingOnScreen(page))).toBeGreaterThanOrEqual(4);
  await page.getByTestId('action-mute').click();
  await clockRuns(page);
  await isHeard();
});

test('a loudspeaker that vanishes: told, free, and back', async () => {
  await plug(page, { microphone: true, loudspeaker: false });
  await isLost('speaker_lost', 'You can’t hear us');
  await clockStandsStill();
  await plug(page, { microphone: true, loudspeaker: true });
  await clockRuns(page);
  await askBalance(page);
});

test('an assistant that says it speaks and is not heard: two seconds, then free, then a new leg', async () => {
  await breakAssistantSound(page);
  // The answer is a list, and so takes longer to say than two seconds.
  await say(page, 'What packages do you have?');
  const meter = page.getByTestId('meter-state');
  await expect(meter).toHaveAttribute('data-meter', 'provider_failing', { timeout: 10_000 });
  await expect(page.getByTestId('captions')).toContainText('I am back', { timeout: 30_000 });
  await clockRuns(page);
  await askBalance(page);
});
