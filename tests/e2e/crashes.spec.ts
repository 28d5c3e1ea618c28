/**
 * Every part is killed in the middle of a talk. The customer sees what is going on, pays for no second of it, and talks
 * on where they were, or gets a receipt and a way to go on; screen, store and ledger agree afterwards.
 */
import { type Browser, expect, type Page, test } from '@playwright/test';
import { type ClockWatch, watchClock } from '../support/browser/clock-watch.ts';
import {
  askBalance,
  buyStarter,
  clockRuns,
  endTalk,
  leave,
  openKiosk,
  openScreen,
  type ReceiptSeconds,
  readReceipt,
  remainingOnScreen,
  STARTER_SECONDS,
  startTalk,
  typeCode,
} from '../support/browser/customer.ts';
import { launchKioskBrowser } from '../support/browser/kiosk-browser.ts';
import { startTestStation, type TestStation } from '../support/station/station.ts';
import { ledgerSpentSeconds, ledgerViolations, storeChargedSeconds } from '../support/station/usage.ts';

/** "Within seconds", on a machine that is busy with a browser and ten processes. */
const BACK_WITHIN_MS = 20_000;
/** Until the talk goes on, all told: noticed, restarted, a new leg, the agent in it. */
const ON_AGAIN_MS = 60_000;
/** Parts of a second at each end, between the station's clock and what is drawn. */
const EYE_SECONDS = 1;
/** So much less than the eye sees running may be charged: a page that is late with its heartbeat is not charged for. */
const FREE_SECONDS = 6;

let station: TestStation;
let browser: Browser;
let page: Page;
let clock: ClockWatch;
let code: string;

test.beforeAll(async () => {
  [station, browser] = await Promise.all([startTestStation(), launchKioskBrowser()]);
  page = await openKiosk(browser, station);
  clock = await watchClock(page);
  code = await buyStarter(page);
  await page.getByTestId('action-start-over').click();
  await page.getByTestId('action-confirm-start-over').click();
  await expect(page.getByTestId('screen-attract')).toBeVisible();
});

test.afterAll(async () => {
  await browser?.close();
  await station?.stop();
});

test.beforeEach(async () => {
  await page.reload();
  const attract = page.getByTestId('screen-attract');
  await expect(
    attract.or(page.getByTestId('action-end-talk')).or(page.getByTestId('action-finish')),
  ).toBeVisible();
  if (await page.getByTestId('action-end-talk').isVisible()) await endTalk(page);
  if (await page.getByTestId('action-finish').isVisible()) await leave(page);
  await typeCode(page, code);
  await expect(page.getByTestId('screen-ready')).toBeVisible();
  await startTalk(page);
  await askBalance(page);
});

test('the agent', async () => {
  const gone = station.kill('agent');
  await clockStops();
  await isBack('agent', gone);
  await talkGoesOn({ newLeg: true });
  await booksAgree(await endWatched(page));
});

test('LiveKit', async () => {
  const gone = station.kill('livekit');
  await clockStops();
  await isBack('livekit', gone);
  await talkGoesOn({ newLeg: true });
  await booksAgree(await endWatched(page));
});

test('the relay: the talk does not notice', async () => {
  const gone = station.kill('relay');
  await isBack('relay', gone);
  await talkGoesOn({ newLeg: false });
  await booksAgree(await endWatched(page));
});

test('the database API: the talk goes on within its lease', async () => {
  const gone = station.kill('supabase');
  await isBack('supabase', gone);
  await talkGoesOn({ newLeg: false });
  await booksAgree(await endWatched(page));
});

test('Postgres: the talk goes on within its lease', async () => {
  const gone = station.kill('postgres');
  await isBack('postgres', gone);
  await talkGoesOn({ newLeg: false });
  await booksAgree(await endWatched(page));
});

test('the station: the receipt stands, and the way to go on', async () => {
  const gone = station.kill('station');
  await expect(page.getByTestId('link-overlay')).toBeVisible();
  await isBack('station', gone);
  await expect(page.getByTestId('link-overlay')).toBeHidden({ timeout: ON_AGAIN_MS });
  const first = await readReceipt(page);
  await booksAgree(first);
  await clock.reset();
  await startTalk(page);
  await askBalance(page);
  const second = await endWatched(page);
  expect(second.remaining).toBe(first.remaining - second.talked);
  await booksAgree(second);
});

test('the page itself is loaded anew: a new leg with the old words', async () => {
  await page.reload();
  await talkGoesOn({ newLeg: true });
  await booksAgree(await endTalk(page));
});

test('everything at once (kill -9 of the host): the next start goes on with the rest', async () => {
  const { portBase, ready } = station;
  await station.stop({ remove: false, signal: 'SIGKILL' });
  await expect(page.getByTestId('link-overlay')).toBeVisible();
  await page.context().close();
  station = await startTestStation({ dataDir: ready.dataDir, portBase });
  page = await openScreen(browser, station);
  clock = await watchClock(page);
  // Its parts were told to end when the host was gone, so the talk was closed in order: the customer is where they can
  // begin the next one.
  await expect(page.getByTestId('screen-ready')).toBeVisible();
  const talked = storeChargedSeconds(ready.dataDir) - spentBefore;
  expect(talked).toBeGreaterThan(0);
  await expect.poll(() => remainingOnScreen(page)).toBe(STARTER_SECONDS - spentBefore - talked);
  await booksAgree({ talked, remaining: await remainingOnScreen(page) });
  await startTalk(page);
  await booksAgree(await endTalk(page));
});

/** The supervisor has started it again, as another process. */
async function isBack(child: string, gone: number): Promise<void> {
  await expect
    .poll(() => station.children()[child] ?? gone, { timeout: BACK_WITHIN_MS, message: `${child} is back` })
    .not.toBe(gone);
}

/** The screen says that the clock stands still. */
async function clockStops(): Promise<void> {
  const meter = page.getByTestId('meter-state');
  await expect(meter).not.toHaveAttribute('data-meter', 'charging', { timeout: 10_000 });
  await expect(page.getByTestId('voice-state')).toHaveAttribute('data-state', 'connecting');
}

/** The same talk: what was said is still there, the agent answers again. */
async function talkGoesOn({ newLeg }: { newLeg: boolean }): Promise<void> {
  const captions = page.getByTestId('captions');
  if (newLeg) await expect(captions).toContainText('I am back', { timeout: ON_AGAIN_MS });
  await clockRuns(page);
  await expect(captions).toContainText('How much time do I have left?');
  await askBalance(page);
  if (!newLeg) await expect(captions).not.toContainText('I am back');
}

let spentBefore = 0;

/** Receipt, screen, store and ledger tell the same; to be called once for each talk. */
async function booksAgree(receipt: ReceiptSeconds): Promise<void> {
  const spent = spentBefore + receipt.talked;
  await expect
    .poll(() => ledgerSpentSeconds(station.ready), { timeout: 30_000, message: 'ledger' })
    .toBe(spent);
  expect(storeChargedSeconds(station.ready.dataDir)).toBe(spent);
  expect(receipt.remaining).toBe(STARTER_SECONDS - spent);
  expect(await ledgerViolations(station.ready)).toEqual([]);
  expect(await clock.lostWhileStopped()).toBeLessThanOrEqual(1);
  spentBefore = spent;
}

/** Ends the talk by hand: the receipt says what the screen said a moment before, and what an eye has counted. */
async function endWatched(page: Page): Promise<ReceiptSeconds> {
  const receipt = await endTalk(page);
  const shown = (await clock.lastShown()) ?? Number.NaN;
  expect(Math.abs(shown - receipt.remaining)).toBeLessThanOrEqual(1);
  const seenRunning = (await clock.runningMs()) / 1000;
  expect(receipt.talked).toBeLessThanOrEqual(seenRunning + EYE_SECONDS);
  expect(receipt.talked).toBeGreaterThanOrEqual(seenRunning - FREE_SECONDS);
  return receipt;
}
