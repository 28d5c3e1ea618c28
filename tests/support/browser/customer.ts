/**
 * What a customer does at the screen, in a few words each, so that the tests read like the visit they are about. Only
 * what a person can see and touch is used.
 */
import { type Browser, type BrowserContext, expect, type Page } from '@playwright/test';
import { CODE_LENGTH } from '../../../src-shared/activation-code.ts';
import type { PaymentWay } from '../../../src-shared/visit.ts';
import type { TestStation } from '../station/station.ts';
import { standAtMicrophone } from './kiosk-browser.ts';

export const STARTER_SECONDS = 3600;
export const GOOD_CARD = '4242424242424242';
const SCREEN = { width: 1080, height: 1920 };
const PHONE = { width: 390, height: 844 };
/** A talk begins when its first second is charged: room, agent and greeting, on a busy machine. */
const TALK_STARTS_MS = 60_000;

/** Opens the station's screen in a browser of its own. A launch address works once, so each test file opens one. */
export async function openKiosk(browser: Browser, station: TestStation): Promise<Page> {
  const page = await openScreen(browser, station);
  await expect(page.getByTestId('screen-attract')).toBeVisible();
  return page;
}

/** The same, whatever the screen shows. */
export async function openScreen(browser: Browser, station: TestStation): Promise<Page> {
  const context = await browser.newContext({ viewport: SCREEN });
  const page = await context.newPage();
  // Nobody speaks in these tests; Chromium's own fake microphone would beep.
  await standAtMicrophone(page);
  await page.goto(station.ready.ui);
  return page;
}

/** From the attract screen to the pay screen of a package, in one of the ways to pay. */
export async function choosePackage(
  page: Page,
  packageId = 'starter',
  way: PaymentWay = 'phone',
): Promise<void> {
  await page.getByTestId('action-begin').click();
  await page.getByTestId('choose-buy').click();
  await page.getByTestId(`package-${packageId}`).click();
  await page.getByTestId(`choose-${way}`).click();
  const shown = { phone: 'checkout-address', reader: 'demo-reader', here: 'pay-frame' };
  await expect(page.getByTestId(shown[way])).toBeVisible();
}

/** From the attract screen to the code. @returns the code without its dashes */
export async function buyStarter(page: Page): Promise<string> {
  await choosePackage(page);
  const phone = await openCheckout(page);
  await payWith(phone.page, GOOD_CARD);
  const code = await shownCode(page);
  await phone.context.close();
  return code;
}

export async function shownCode(page: Page): Promise<string> {
  await expect(page.getByTestId('screen-codeShown')).toBeVisible();
  const code = (await page.getByTestId('code').getAttribute('data-code')) ?? '';
  expect(code).toHaveLength(CODE_LENGTH);
  return code;
}

/** From the code screen on. */
export async function activate(page: Page): Promise<void> {
  await page.getByTestId('action-activate').click();
  await expect(page.getByTestId('screen-ready')).toBeVisible();
}

/** Types a code at the attract screen and sends it. */
export async function typeCode(page: Page, code: string): Promise<void> {
  await page.getByTestId('action-begin').click();
  await page.getByTestId('choose-code').click();
  await page.getByTestId('code-input').fill(code);
  await page.getByTestId('action-submit-code').click();
}

/** Opens the address behind the QR code as the customer's phone would. */
export async function openCheckout(kiosk: Page): Promise<{ page: Page; context: BrowserContext }> {
  const address = (await kiosk.getByTestId('checkout-address').textContent()) ?? '';
  const browser = kiosk.context().browser();
  if (!browser) throw new Error('the kiosk page has no browser');
  const context = await browser.newContext({ viewport: PHONE });
  const page = await context.newPage();
  await page.goto(address);
  return { page, context };
}

/** Fills in the card form of the checkout page and sends it. */
export async function payWith(phone: Page, cardNumber: string): Promise<void> {
  await phone.locator('[name=email]').fill('guest@example.com');
  await phone.locator('[name=number]').fill(cardNumber);
  await phone.locator('[name=expiry]').fill('12 / 34');
  await phone.locator('[name=cvc]').fill('123');
  await phone.locator('button[type=submit]').click();
}

/** From the ready or the receipt screen into a talk; returns when the clock runs. */
export async function startTalk(page: Page): Promise<void> {
  const start = page.getByTestId('action-start-talk').or(page.getByTestId('action-talk-on'));
  await start.click();
  await expect(page.getByTestId('screen-talk')).toBeVisible();
  await clockRuns(page);
  // The greeting has begun: an answer that comes later can't be mistaken for it.
  await expect(page.locator('[data-testid=caption][data-who=assistant]').first()).toBeVisible();
}

export async function clockRuns(page: Page): Promise<void> {
  const meter = page.getByTestId('meter-state');
  await expect(meter).toHaveAttribute('data-meter', 'charging', { timeout: TALK_STARTS_MS });
}

/** Types words to the assistant and waits until they stand among the captions. */
export async function say(page: Page, words: string): Promise<void> {
  await page.getByTestId('action-type').click();
  await page.getByTestId('write-input').fill(words);
  await page.getByTestId('action-send').click();
  await expect(page.getByTestId('write-dialog')).toBeHidden();
  await expect(page.locator('[data-testid=caption][data-who=customer]').last()).toContainText(words);
}

/** Asks for the balance and waits for the answer, which comes after the question. */
export async function askBalance(page: Page): Promise<void> {
  await say(page, 'How much time do I have left?');
  const answered = () =>
    page.getByTestId('caption').evaluateAll((captions) => {
      const mine = captions.findLastIndex((caption) => caption.getAttribute('data-who') === 'customer');
      return captions.slice(mine + 1).some((caption) => /You have \d+/.test(caption.textContent));
    });
  await expect.poll(answered, { timeout: 30_000, message: 'the balance is told' }).toBe(true);
}

export interface ReceiptSeconds {
  talked: number;
  remaining: number;
}

/** Ends the talk by the button. */
export async function endTalk(page: Page): Promise<ReceiptSeconds> {
  await page.getByTestId('action-end-talk').click();
  return readReceipt(page);
}

export async function readReceipt(page: Page): Promise<ReceiptSeconds> {
  await expect(page.getByTestId('screen-receipt')).toBeVisible();
  return {
    talked: await secondsOf(page, 'talked-seconds'),
    remaining: await secondsOf(page, 'receipt-remaining'),
  };
}

/** Leaves the visit from the receipt. */
export async function leave(page: Page): Promise<void> {
  await page.getByTestId('action-finish').click();
  await expect(page.getByTestId('screen-attract')).toBeVisible();
}

/** Remaining seconds on the screen now. */
export function remainingOnScreen(page: Page): Promise<number> {
  return secondsOf(page, 'remaining-seconds');
}

export async function secondsOf(page: Page, testId: string): Promise<number> {
  return Number(await page.getByTestId(testId).first().getAttribute('data-seconds'));
}
