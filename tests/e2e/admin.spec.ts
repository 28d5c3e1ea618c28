/**
 * The operator's report: only for staff who signed in, true to the last cent and second, gone after the sign-out.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { activate, buyStarter, endTalk, openKiosk, startTalk } from '../support/browser/customer.ts';
import { launchKioskBrowser } from '../support/browser/kiosk-browser.ts';
import { startTestStation, type TestStation } from '../support/station/station.ts';
import { ledgerSpentSeconds, queryDatabase } from '../support/station/usage.ts';

/** Pictures of the desk, to be looked at. */
const PICTURES = join('tests', 'artifacts', 'admin');

let station: TestStation;
let browser: Browser;
let kiosk: Page;
let talkedSeconds: number;

test.beforeAll(async () => {
  [station, browser] = await Promise.all([startTestStation(), launchKioskBrowser()]);
  kiosk = await openKiosk(browser, station);
  await buyStarter(kiosk);
  await activate(kiosk);
  await startTalk(kiosk);
  talkedSeconds = (await endTalk(kiosk)).talked;
  await expect.poll(() => ledgerSpentSeconds(station.ready)).toBe(talkedSeconds);
});

test.afterAll(async () => {
  await browser?.close();
  await station?.stop();
});

test('a wrong password is refused, and no report is seen without a sign-in', async () => {
  const admin = await openAdmin();
  await expect(admin.getByTestId('admin-sign-in')).toBeVisible();
  await expect(admin.getByTestId('admin-today')).toHaveCount(0);
  await signIn(admin, 'not-the-password');
  await expect(admin.getByTestId('sign-in-wrongCredentials')).toBeVisible();
  expect((await askForReport(admin)).status).toBe(401);
  await admin.context().close();
});

test('today’s figures are those of the database; after the sign-out nothing is left', async () => {
  const admin = await openAdmin();
  await signIn(admin, account().password);
  await expect(admin.getByTestId('admin-today')).toBeVisible();

  const [sales] = await queryDatabase<{ count: string; cents: string }>(
    station.ready,
    `select count(*) as count, sum(price_cents) as cents from public.purchases where status = 'paid'`,
  );
  expect(Number(sales?.count)).toBe(1);
  expect(Number(sales?.cents)).toBe(999);
  await expectFigure(admin, 'revenue', Number(sales?.cents));
  await expectFigure(admin, 'sales', 1);
  await expectFigure(admin, 'talks', 1);
  await expectFigure(admin, 'talk-time', talkedSeconds);
  await expect(admin.getByTestId('figure-revenue')).toContainText('$9.99');

  await admin.getByTestId('figure-sales').click();
  await expect(admin.getByTestId('admin-rows-sales').locator('tbody tr')).toHaveCount(1);
  await admin.getByTestId('figure-talks').click();
  await expect(admin.getByTestId('admin-rows-talks').locator('tbody tr')).toHaveCount(1);

  await admin.getByTestId('admin-sign-out').click();
  await expect(admin.getByTestId('admin-sign-in')).toBeVisible();
  expect((await askForReport(admin)).status).toBe(401);
  await admin.reload();
  await expect(admin.getByTestId('admin-sign-in')).toBeVisible();
  await admin.context().close();
});

test('the customer’s page can’t read the report, staff can’t steer the visit', async () => {
  const customer = await askForReport(kiosk);
  expect(customer.status).toBe(401);
  expect(customer.body).not.toContain('sales');

  const admin = await openAdmin();
  await signIn(admin, account().password);
  await expect(admin.getByTestId('admin-today')).toBeVisible();
  expect((await askForReport(admin)).status).toBe(200);
  const visit = await admin.evaluate(async () => {
    const answer = await fetch('/trpc/visit.intent', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'finish' }),
    });
    return answer.status;
  });
  expect(visit).toBe(401);
  await expect(kiosk.getByTestId('screen-receipt')).toBeVisible();
  await admin.context().close();
});

test('the desk is readable in light and dark, wide and narrow', async () => {
  mkdirSync(PICTURES, { recursive: true });
  const admin = await openAdmin();
  for (const step of ['sign-in', 'today'] as const) {
    if (step === 'today') await signIn(admin, account().password);
    await expect(admin.getByTestId(`admin-${step}`)).toBeVisible();
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1920, 1280] as const) {
        await admin.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await admin.setViewportSize({ width, height: 900 });
        await admin.screenshot({ path: join(PICTURES, `${step}-${width}-${colorScheme}.png`) });
        expect((await new AxeBuilder({ page: admin }).analyze()).violations).toEqual([]);
      }
    }
  }
  await admin.context().close();
});

async function openAdmin(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(station.ready.admin);
  return page;
}

async function signIn(admin: Page, password: string): Promise<void> {
  await admin.getByTestId('admin-email').fill(account().email);
  await admin.getByTestId('admin-password').fill(password);
  await admin.getByTestId('admin-submit').click();
}

/** The account that the station has made for its operator. */
function account(): { email: string; password: string } {
  const file = join(station.ready.dataDir, 'secrets', 'local.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { admin: { email: string; password: string } }).admin;
}

function expectFigure(admin: Page, name: string, value: number): Promise<void> {
  return expect(admin.getByTestId(`figure-${name}`)).toHaveAttribute('data-value', String(value));
}

/** Asks the station for the report with the cookies of this page and nothing else. */
function askForReport(page: Page): Promise<{ status: number; body: string }> {
  return page.evaluate(async () => {
    const input = encodeURIComponent(JSON.stringify({ timeZone: 'UTC' }));
    const answer = await fetch(`/trpc/admin.todayReport?input=${input}`);
    return { status: answer.status, body: await answer.text() };
  });
}
