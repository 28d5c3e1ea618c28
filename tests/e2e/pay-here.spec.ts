/**
 * Paying with a card typed at this computer, in a real browser: the station's page, in it a frame of the relay, in it a
 * frame with the sandbox's card fields. Each look is photographed into tests/artifacts/pay-here to be looked at.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, expect, type FrameLocator, type Page, test } from '@playwright/test';
import { choosePackage, openKiosk, shownCode } from '../support/browser/customer.ts';
import { launchKioskBrowser } from '../support/browser/kiosk-browser.ts';
import { startTestStation, type TestStation } from '../support/station/station.ts';

const FOLDER = join('tests', 'artifacts', 'pay-here');
const GOOD_CARD = '4242424242424242';
const DECLINED_CARD = '4000000000000002';
const ASKS_BANK = '4000002500003155';

let station: TestStation;
let browser: Browser;
let page: Page;

test.beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  [station, browser] = await Promise.all([
    startTestStation({ env: { PAY_HERE: 'on' } }),
    launchKioskBrowser(),
  ]);
  page = await openKiosk(browser, station);
  await page.emulateMedia({ reducedMotion: 'reduce' });
});

test.afterAll(async () => {
  await browser?.close();
  await station?.stop();
});

/** The relay's page, and the card fields inside it. */
function frames(): { form: FrameLocator; fields: FrameLocator } {
  const form = page.frameLocator('[data-testid=pay-frame]');
  return { form, fields: form.frameLocator('iframe') };
}

async function typeCard(number: string): Promise<void> {
  const { fields } = frames();
  await fields.locator('#number').fill(number);
  await fields.locator('#expiry').fill('12 / 49');
  await fields.locator('#cvc').fill('123');
}

async function pay(number: string): Promise<void> {
  await typeCard(number);
  await frames().form.locator('button').click();
}

function payUrl(): Promise<string> {
  return page.getByTestId('pay-frame').evaluate((frame: HTMLIFrameElement) => frame.src);
}

async function startOver(): Promise<void> {
  await page.getByTestId('action-start-over').click();
  await page.getByTestId('action-confirm-start-over').click();
  await expect(page.getByTestId('screen-attract')).toBeVisible();
}

test('a typed card pays with the keyboard alone, and the code appears by itself', async () => {
  await choosePackage(page, 'starter', 'here');
  const { fields, form } = frames();
  await fields.getByLabel('Card number').focus();
  await page.keyboard.type(GOOD_CARD);
  await page.keyboard.press('Tab');
  await expect(fields.getByLabel('Valid until')).toBeFocused();
  await page.keyboard.type('1249');
  await page.keyboard.press('Tab');
  await expect(fields.getByLabel('Security code')).toBeFocused();
  await page.keyboard.type('123');
  await page.keyboard.press('Tab');
  await expect(form.getByRole('button', { name: 'Pay $9.99' })).toBeFocused();
  await page.keyboard.press('Enter');
  await shownCode(page);
  await startOver();
});

test('a declined card is told where it was typed; another one pays; its number goes to Stripe alone', async () => {
  const told = new Set<string>();
  page.on('request', (request) => {
    const sent = `${request.url()} ${request.postData() ?? ''}`;
    if (sent.includes(GOOD_CARD) || sent.includes(DECLINED_CARD)) told.add(new URL(request.url()).origin);
  });
  await choosePackage(page, 'starter', 'here');
  await pay(DECLINED_CARD);
  const { form } = frames();
  await expect(form.getByRole('alert').first()).toContainText('Your card was declined.');
  await expect(form.getByRole('alert').first()).toContainText('Nothing was taken.');
  await pay(GOOD_CARD);
  await shownCode(page);
  expect([...told]).toEqual([station.ready.stripe]);
  const logs = join(station.ready.dataDir, 'logs');
  for (const file of readdirSync(logs)) {
    expect(readFileSync(join(logs, file), 'utf8'), file).not.toMatch(
      /4242424242424242|_secret_|\/pay\/[\w-]{43}/,
    );
  }
  await startOver();
});

test('typing in the frame is a sign of life: the visit does not end under the hands of its customer', async () => {
  await choosePackage(page, 'starter', 'here');
  const { fields } = frames();
  await fields.locator('#number').focus();
  let signs = 0;
  page.on('request', (request) => {
    if (request.postData()?.includes('stillHere')) signs += 1;
  });
  // No more often than every few seconds, so more than one key may be needed.
  await expect
    .poll(async () => {
      await fields.locator('#number').press('4');
      return signs;
    })
    .toBeGreaterThan(0);
  await page.getByTestId('action-start-over').click();
  await expect(page.getByTestId('screen-attract')).toBeVisible();
});

test('what is missing or mistyped is told at its field, and nothing is sent', async () => {
  await choosePackage(page, 'starter', 'here');
  const { fields, form } = frames();
  await form.locator('button').click();
  await expect(fields.locator('#number-mistake')).toBeVisible();
  await expect(fields.locator('#number')).toBeFocused();
  await pay('4242424242424241');
  await expect(fields.locator('#number-mistake')).toContainText('typing mistake');
  await expect(fields.locator('#expiry-mistake')).toBeHidden();
  await page.getByTestId('action-start-over').click();
  await expect(page.getByTestId('screen-attract')).toBeVisible();
});

test('a bank that asks is answered in the frame', async () => {
  await choosePackage(page, 'starter', 'here');
  await pay(ASKS_BANK);
  await frames().fields.getByRole('button', { name: 'Yes, confirm' }).click();
  await shownCode(page);
  await startOver();
});

test('fields that can’t be loaded, and an answer that never comes, are told; nothing is claimed', async () => {
  await page.route('**/v3/', (route) => route.abort());
  await choosePackage(page, 'starter', 'here');
  await expect(frames().form.locator('.failed')).toBeVisible();
  await page.unroute('**/v3/');
  await page.getByTestId('action-start-over').click();
  await choosePackage(page, 'starter', 'here');
  await page.route('**/confirm', (route) => route.abort());
  await pay(GOOD_CARD);
  await expect(frames().form.locator('#unsure')).toBeVisible();
  await page.unroute('**/confirm');
  await frames().form.locator('button').click();
  await shownCode(page);
  await startOver();
});

test('a station that dies under the fields comes back to them, with what was typed; it pays', async () => {
  await choosePackage(page, 'starter', 'here');
  await typeCard(GOOD_CARD);
  const before = station.kill('station');
  await expect(page.getByTestId('link-overlay')).toBeVisible();
  await expect.poll(() => station.children()['station']).not.toBe(before);
  await expect(page.getByTestId('link-overlay')).toHaveCount(0, { timeout: 60_000 });
  await expect(frames().fields.locator('#number')).toHaveValue(GOOD_CARD);
  await frames().form.locator('button').click();
  await shownCode(page);
  await startOver();
});

test('leaving in the middle ends the payment; so does turning to the phone', async () => {
  for (const leave of ['action-back', 'action-pay-by-phone']) {
    await choosePackage(page, 'starter', 'here');
    await typeCard(GOOD_CARD);
    const address = await payUrl();
    expect((await page.request.get(address)).status()).toBe(200);
    await page.getByTestId(leave).click();
    await expect(page.getByTestId('pay-frame')).toHaveCount(0);
    await expect.poll(async () => (await page.request.get(address)).status()).toBe(410);
    if (leave === 'action-pay-by-phone') await expect(page.getByTestId('checkout-address')).toBeVisible();
    await page.getByTestId('action-start-over').click();
    await expect(page.getByTestId('screen-attract')).toBeVisible();
  }
});

test('no other page can show the card fields in a frame', async () => {
  await choosePackage(page, 'starter', 'here');
  const address = await payUrl();
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<iframe src="${address}"></iframe>`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const context = await browser.newContext();
  const other = await context.newPage();
  const refused = other.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
  await other.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await refused;
  await expect(other.frameLocator('iframe').locator('#pay')).toHaveCount(0);
  await context.close();
  server.close();
  await page.getByTestId('action-start-over').click();
  await expect(page.getByTestId('screen-attract')).toBeVisible();
});

test('fits every display, theme and language, without an accessibility fault', async () => {
  const looks = [
    { width: 1080, height: 1920, theme: 'dark', lang: 'en' },
    { width: 1080, height: 1920, theme: 'light', lang: 'ar' },
    { width: 1920, height: 1080, theme: 'light', lang: 'de' },
    { width: 1280, height: 800, theme: 'dark', lang: 'ar' },
    { width: 1280, height: 800, theme: 'contrast', lang: 'de' },
  ] as const;
  for (const { width, height, theme, lang } of looks) {
    const name = `${width}x${height}-${theme}-${lang}`;
    await page.setViewportSize({ width, height });
    await page.getByTestId('action-begin').click();
    await page.getByTestId('action-display').click();
    await page.getByTestId(`theme-${theme}`).click();
    await page.keyboard.press('Escape');
    await page.getByTestId('action-language').click();
    await page.getByTestId(`language-${lang}`).click();
    await expect(page.locator('html')).toHaveAttribute('lang', lang);
    // A choice is not heard while the one before is on its way.
    await expect(page.getByTestId('choose-buy')).not.toHaveAttribute('aria-busy');
    await page.getByTestId('choose-buy').click();
    await page.getByTestId('package-starter').click();
    await expect(page.getByTestId('choose-here')).toBeVisible();
    await page.screenshot({ path: join(FOLDER, `choice-${name}.png`) });
    await page.getByTestId('choose-here').click();
    const { fields, form } = frames();
    await expect(fields.locator('#number')).toBeVisible();
    await page.screenshot({ path: join(FOLDER, `form-${name}.png`) });
    await pay(DECLINED_CARD);
    await expect(form.locator('#problem')).toBeVisible();
    await page.screenshot({ path: join(FOLDER, `declined-${name}.png`) });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
    expect(found, name).toEqual([]);
    const overflowPx = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflowPx, `${name} is wider than its display`).toBeLessThanOrEqual(0);
    await page.getByTestId('action-start-over').click();
    await expect(page.getByTestId('screen-attract')).toBeVisible();
  }
});
