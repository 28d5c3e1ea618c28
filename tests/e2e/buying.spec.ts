/**
 * Buying in all its turns: a declined card, a bank that asks, leaving the pay screen, a code that is wrong or expired,
 * and more time bought in the middle of a talk. No turn loses money, and each says what to do next.
 */
import { type Browser, expect, type Page, test } from '@playwright/test';
import {
  activate,
  buyStarter,
  choosePackage,
  endTalk,
  GOOD_CARD,
  leave,
  openCheckout,
  openKiosk,
  payWith,
  remainingOnScreen,
  STARTER_SECONDS,
  say,
  shownCode,
  startTalk,
  typeCode,
} from '../support/browser/customer.ts';
import { launchKioskBrowser } from '../support/browser/kiosk-browser.ts';
import { startTestStation, type TestStation } from '../support/station/station.ts';
import {
  ledgerSpentSeconds,
  ledgerViolations,
  queryDatabase,
  storeChargedSeconds,
} from '../support/station/usage.ts';

const DECLINED_CARD = '4000000000000002';
const ASKING_CARD = '4000002760003184';
/** A code as codes look, and nobody's. */
const UNKNOWN_CODE = 'KQ7WXJ4MD2TH';

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

test.beforeEach(async () => {
  await expect(page.getByTestId('screen-attract')).toBeVisible();
});

test('a touch counts although the answer to the one before it is still on its way', async () => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  await page.route(
    '**/visit.intent*',
    async (route) => {
      // What the browser would say by itself; the station takes a wish from its own page only.
      const headers = { ...(await route.request().allHeaders()), 'sec-fetch-site': 'same-origin' };
      const response = await route.fetch({ headers });
      await answered;
      await route.fulfill({ response });
    },
    { times: 1 },
  );
  await page.getByTestId('action-begin').click();
  await page.getByTestId('choose-buy').click();
  await expect(page.getByTestId('package-starter')).toBeVisible();
  answer();
  await page.getByTestId('action-start-over').click();
});

test('a declined card: told on the phone and on the screen, the next card pays', async () => {
  await choosePackage(page);
  const phone = await openCheckout(page);
  await payWith(phone.page, DECLINED_CARD);
  await expect(phone.page.getByRole('alert')).toContainText(/declined/i);
  await expect(page.getByTestId('payment-declined')).toBeVisible();
  await expect(page.getByTestId('screen-pay')).toBeVisible();
  expect(await paidPurchases()).toBe(0);

  await payWith(phone.page, GOOD_CARD);
  const code = await shownCode(page);
  // The payer's phone lands on the claim page and has the same code, whatever becomes of the screen.
  await expect(phone.page.locator('.code')).toBeVisible({ timeout: 20_000 });
  expect(((await phone.page.locator('.code').textContent()) ?? '').replaceAll(/[^A-Z0-9]/g, '')).toBe(code);
  await phone.context.close();
  expect(await paidPurchases()).toBe(1);
  await startOver();
});

test('a card whose bank asks (3-D Secure): refused there, then confirmed', async () => {
  const before = await paidPurchases();
  await choosePackage(page);
  const phone = await openCheckout(page);
  await payWith(phone.page, ASKING_CARD);
  await phone.page.locator('button[value=fail]').click();
  await expect(phone.page.getByRole('alert')).toBeVisible();
  await expect(page.getByTestId('payment-declined')).toBeVisible();
  await payWith(phone.page, ASKING_CARD);
  await phone.page.locator('button[value=complete]').click();
  await shownCode(page);
  await phone.context.close();
  expect(await paidPurchases()).toBe(before + 1);
  await startOver();
});

test('leaving the pay screen ends the payment: a late try is refused and nothing is charged', async () => {
  const before = await paidPurchases();
  await choosePackage(page);
  const phone = await openCheckout(page);
  await page.getByTestId('action-back').click();
  await expect(page.getByTestId('screen-packages')).toBeVisible();
  await expect.poll(() => purchaseStatuses(), { message: 'the purchase is over' }).toContain('expired');
  await payWith(phone.page, GOOD_CARD);
  await expect(phone.page.locator('[name=number]')).toHaveCount(0);
  await expect(phone.page.locator('h1')).toContainText(/expired|no longer|ended/i);
  await phone.context.close();
  expect(await paidPurchases()).toBe(before);
  await page.getByTestId('action-start-over').click();
});

test('a wrong code: said so, what was typed can be mended', async () => {
  await typeCode(page, UNKNOWN_CODE);
  await expect(page.getByTestId('problem-code_not_accepted')).toBeVisible();
  await expect(page.getByTestId('screen-enterCode')).toBeVisible();
  const kept = await page.getByTestId('code-input').inputValue();
  expect(kept.replaceAll(/[^A-Z0-9]/g, '')).toBe(UNKNOWN_CODE);
  await page.getByTestId('action-start-over').click();
});

test('the code of an expired card is not accepted, and its time is not shown', async () => {
  const code = await buyStarter(page);
  await activate(page);
  await startOver();
  const aged = await queryDatabase(
    station.ready,
    `update public.time_cards set activated_at = now() - interval '2 years', expires_at = now() - interval '1 minute'
     where status = 'active' returning id`,
  );
  expect(aged).toHaveLength(1);
  await typeCode(page, code);
  await expect(page.getByTestId('problem-code_not_accepted')).toBeVisible();
  await expect(page.getByTestId('remaining-seconds')).toHaveCount(0);
  await page.getByTestId('action-start-over').click();
  expect(await ledgerViolations(station.ready)).toEqual([]);
});

test('more time in the middle of a talk, asked for in words', async () => {
  await buyStarter(page);
  await activate(page);
  const spentBefore = await ledgerSpentSeconds(station.ready);
  await startTalk(page);
  await say(page, 'I want to buy the starter package');
  await expect(page.getByTestId('top-up')).toBeVisible({ timeout: 30_000 });
  await page.getByTestId('choose-phone').click();
  await expect(page.getByTestId('checkout-address')).toBeVisible();
  const phone = await openCheckout(page);
  await payWith(phone.page, GOOD_CARD);
  await expect(page.getByTestId('top-up')).toBeHidden({ timeout: 20_000 });
  await expect.poll(() => remainingOnScreen(page)).toBeGreaterThan(STARTER_SECONDS);
  await expect(page.getByTestId('captions')).toContainText(/You now have/, { timeout: 20_000 });
  await expect(page.getByTestId('captions')).toContainText('I want to buy the starter package');
  await phone.context.close();

  const receipt = await endTalk(page);
  expect(receipt.talked + receipt.remaining).toBe(2 * STARTER_SECONDS);
  await expect.poll(() => ledgerSpentSeconds(station.ready)).toBe(spentBefore + receipt.talked);
  expect(storeChargedSeconds(station.ready.dataDir)).toBe(spentBefore + receipt.talked);
  expect(await ledgerViolations(station.ready)).toEqual([]);
  await leave(page);
});

async function startOver(): Promise<void> {
  await page.getByTestId('action-start-over').click();
  await page.getByTestId('action-confirm-start-over').click();
  await expect(page.getByTestId('screen-attract')).toBeVisible();
}

async function purchaseStatuses(): Promise<string[]> {
  const rows = await queryDatabase<{ status: string }>(
    station.ready,
    'select status from public.purchases order by created_at',
  );
  return rows.map(({ status }) => status);
}

async function paidPurchases(): Promise<number> {
  return (await purchaseStatuses()).filter((status) => status === 'paid').length;
}
