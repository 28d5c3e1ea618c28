/** Paying at the card reader: a declined card, the next one pays; leaving takes the payment off the reader. */
import { type Browser, expect, type Page, test } from '@playwright/test';
import { choosePackage, openKiosk, shownCode } from '../support/browser/customer.ts';
import { launchKioskBrowser } from '../support/browser/kiosk-browser.ts';
import { startTestStation, type TestStation } from '../support/station/station.ts';

const GOOD_CARD = '4242424242424242';
const DECLINED_CARD = '4000000000000002';

let station: TestStation;
let browser: Browser;
let page: Page;

test.beforeAll(async () => {
  [station, browser] = await Promise.all([startTestStation(), launchKioskBrowser()]);
  page = await openKiosk(browser, station);
});

test.afterAll(async () => {
  await browser?.close();
  await station?.stop();
});

/** The page of the simulated reader, in a window of its own. */
async function openReader(): Promise<Page> {
  const address = (await page.getByTestId('demo-reader').getAttribute('href')) ?? '';
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const reader = await context.newPage();
  await reader.goto(address);
  return reader;
}

function card(reader: Page, number: string) {
  return reader.locator(`button[value="${number}"]`);
}

test('a declined card is told on the screen; another card pays and the code appears by itself', async () => {
  await choosePackage(page, 'starter', 'reader');
  await expect(page.getByTestId('reader-state')).toHaveAttribute('data-state', 'waiting');
  const reader = await openReader();
  await card(reader, DECLINED_CARD).click();
  await expect(page.getByTestId('payment-declined')).toBeVisible();
  await page.getByTestId('action-reader-again').click();
  await expect(page.getByTestId('reader-state')).toHaveAttribute('data-state', 'waiting');
  await reader.reload();
  await card(reader, GOOD_CARD).click();
  await shownCode(page);
  await reader.context().close();
  await page.getByTestId('action-start-over').click();
  await page.getByTestId('action-confirm-start-over').click();
  await expect(page.getByTestId('screen-attract')).toBeVisible();
});

test('leaving takes the payment off the reader', async () => {
  await choosePackage(page, 'starter', 'reader');
  const reader = await openReader();
  await expect(card(reader, GOOD_CARD)).toBeVisible();
  await page.getByTestId('action-back').click();
  await expect(page.getByTestId('screen-packages')).toBeVisible();
  await expect
    .poll(async () => {
      await reader.reload();
      return card(reader, GOOD_CARD).count();
    })
    .toBe(0);
  await reader.context().close();
});
