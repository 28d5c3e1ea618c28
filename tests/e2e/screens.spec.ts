/**
 * Every screen in every shape of display, theme and a long and a right-to-left language: nothing logs an error, nothing
 * is wider than its display, no accessibility fault; each is photographed into tests/artifacts/screens to be looked at.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { WORDS } from '../../src-renderer/i18n/index.ts';
import { LOCALES } from '../../src-shared/visit.ts';
import { launchKioskBrowser } from '../support/browser/kiosk-browser.ts';
import { type Look, PREVIEW_SCREENS, type Preview, startPreview } from '../support/browser/preview.ts';

const FOLDER = join('tests', 'artifacts', 'screens');

const PORTRAIT = { width: 1080, height: 1920 };
const LANDSCAPE = { width: 1920, height: 1080 };
const DESKTOP = { width: 1280, height: 800 };

const LOOKS: readonly Look[] = [
  { ...PORTRAIT, theme: 'dark', lang: 'en' },
  { ...PORTRAIT, theme: 'light', lang: 'ar' },
  { ...LANDSCAPE, theme: 'light', lang: 'de' },
  { ...DESKTOP, theme: 'contrast', lang: 'de' },
];

let browser: Browser;
let preview: Preview;

test.beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  browser = await launchKioskBrowser();
  preview = await startPreview(browser);
});

test.afterAll(async () => {
  await browser?.close();
  await preview?.close();
});

test('help is one touch away, and closes again', async () => {
  for (const look of LOOKS) {
    const name = `help-${look.width}x${look.height}-${look.theme}-${look.lang}`;
    // In a page of its own: the pointer that opened it would rest on the next screen.
    const { page, faults } = await preview.open('talk', look);
    await page.getByTestId('action-help').click();
    const help = page.getByTestId('help-dialog');
    await expect(help.getByRole('listitem')).toHaveCount(5);
    await page.screenshot({ path: join(FOLDER, `${name}.png`) });
    expect(await violationsOf(page), name).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(help).toHaveCount(0);
    expect(faults, name).toEqual([]);
    await page.close();
  }
});

test('in a talk the key for more time says why it can’t be had, in every language', async () => {
  for (const lang of LOCALES) {
    const { page, faults } = await preview.show('talk-buyingAway', { ...DESKTOP, theme: 'dark', lang });
    const key = page.getByTestId('action-top-up');
    await expect(key).toBeDisabled();
    await expect(key).toHaveAccessibleDescription(WORDS[lang].unavailable.payments_unreachable);
    await expect(page.getByTestId('action-top-up-reason')).toBeVisible();
    expect(faults, lang).toEqual([]);
  }
});

for (const screen of PREVIEW_SCREENS) {
  test(`${screen} fits every display, theme and language`, async () => {
    for (const look of LOOKS) {
      const name = `${screen}-${look.width}x${look.height}-${look.theme}-${look.lang}`;
      const { page, faults } = await preview.show(screen, look);
      await page.screenshot({ path: join(FOLDER, `${name}.png`) });
      const overflowPx = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflowPx, `${name} is wider than its display`).toBeLessThanOrEqual(0);
      expect(faults, name).toEqual([]);
      const violations = await violationsOf(page);
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
      expect(found, name).toEqual([]);
    }
  });
}

/**
 * In the page itself: its other way opens a second page for each look, to join what it found in frames; here are none.
 * A page that has the program keeps it: reading it again takes longer (150 ms) than what it does (100 ms).
 */
async function violationsOf(page: Page) {
  const isThere = await page.evaluate(() => 'axe' in window);
  const builder = new AxeBuilder({ page, ...(isThere ? { axeSource: ';' } : {}) });
  return (await builder.setLegacyMode(true).analyze()).violations;
}
