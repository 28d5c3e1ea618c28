/** The code screen in a real browser: keyboard, clipboard, and a scanner that types, its layout right or wrong. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { ar } from '../../src-renderer/i18n/ar.ts';
import { de } from '../../src-renderer/i18n/de.ts';
import type { VisitIntent } from '../../src-shared/visit.ts';
import { launchKioskBrowser } from '../support/browser/kiosk-browser.ts';
import { type Preview, startPreview } from '../support/browser/preview.ts';

const FOLDER = join('tests', 'artifacts', 'screens');
const CODE = 'ABCD-EFGH-JKMN';
const SYMBOLS = 'ABCDEFGHJKMN';
/** Slower than any scanner, for a finger. */
const FINGER_MS = 90;

const ENTER = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' };

interface Noting {
  noteCode(code: string): void;
}

let browser: Browser;
let preview: Preview;
let page: Page;
let codesSent: string[];

test.beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  browser = await launchKioskBrowser();
  preview = await startPreview(browser);
});
test.afterAll(async () => {
  await browser?.close();
  await preview?.close();
});
test.afterEach(() => page.close());

async function open(lang: 'en' | 'de' | 'ar' = 'en') {
  const look = { width: 1080, height: 1920, theme: 'light', lang } as const;
  ({ page } = await preview.open('enterCode', look));
  const codes: string[] = [];
  codesSent = codes;
  await page.exposeFunction('noteCode', (code: string) => codes.push(code));
  await page.evaluate(() =>
    document.addEventListener('preview-intent', ({ detail }: CustomEventInit<VisitIntent>) => {
      if (detail?.type === 'submitCode') (window as unknown as Noting).noteCode(detail.code);
    }),
  );
  const field = page.getByTestId('code-input');
  await field.focus();
  return { field, notice: page.getByTestId('problem-code_unreadable') };
}

async function paste(text: string) {
  await page.getByTestId('code-input').evaluate((field, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text', pasted);
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

/** Real keys as a scanner types them: handed over all at once, since a test that waits for each is as slow as a finger. */
async function scan(text: string, end: readonly object[] = []) {
  const session = await page.context().newCDPSession(page);
  const keys = [...[...text].map((key) => ({ key, text: key })), ...end];
  const strokes = keys.flatMap((key) => [
    { type: 'keyDown' as const, ...key },
    { type: 'keyUp' as const, ...key, text: '' },
  ]);
  await Promise.all(strokes.map((stroke) => session.send('Input.dispatchKeyEvent', stroke)));
}

/** Keys without a pause, whatever else the machine does; each is as far as the page from the test otherwise. */
async function scanInHaste(text: string) {
  await page.getByTestId('code-input').evaluate((field, keys) => {
    for (const key of [...keys, 'Enter'])
      field.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  }, text);
}

test('a sentence or an address is pasted, and its code is in the field', async () => {
  const { field, notice } = await open();
  for (const text of [
    `Your code: ${CODE}`,
    `https://kiosk.example/?code=${CODE}`,
    'ＡＢＣＤ ＥＦＧＨ ＪＫＭＮ',
  ]) {
    await field.fill('');
    await paste(text);
    await expect(field, text).toHaveValue(CODE);
  }
  await expect(notice).toHaveCount(0);
  await paste('this is not a code of ours at all');
  await expect(field).toHaveValue('');
  await expect(notice).toBeVisible();
  await field.press('7');
  await expect(notice).toHaveCount(0);
  expect(codesSent).toEqual([]);
});

test('a scanner types its code and Enter, also through another layout', async () => {
  for (const scanned of [CODE, 'QBCD6EFGH6JK:N', 'ABCD/EFGH/JKMN', 'QBCD)EFGH)JK?N', 'ABCDßEFGHßJKMN']) {
    const { notice } = await open();
    await scan(scanned, [ENTER]);
    await expect.poll(() => codesSent, scanned).toEqual([SYMBOLS]);
    await expect(notice).toHaveCount(0);
    await page.close();
  }
  await open();
});

test('a scanner without Enter leaves its code in the field', async () => {
  const { field } = await open();
  await scan('QBCD6EFGH6JK:N');
  await expect(field).toHaveValue(CODE);
  await expect(page.getByTestId('action-submit-code')).toBeEnabled();
  expect(codesSent).toEqual([]);
});

for (const [lang, words] of Object.entries({ de, ar })) {
  test(`a scan that can’t be read is told in words, and never sent (${lang})`, async () => {
    const { field, notice } = await open(lang as 'de' | 'ar');
    await scanInHaste('QBC!EFGHJK:N');
    await expect(notice).toContainText(words.problem.code_unreadable.title);
    await expect(notice).toContainText(words.problem.code_unreadable.todo);
    await expect(field).toHaveValue('');
    await page.screenshot({ path: join(FOLDER, `code-unreadable-${lang}.png`) });
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    expect(codesSent).toEqual([]);
  });
}

test('a person types on the keyboard, digits of another script and all', async () => {
  const { field } = await open();
  await field.pressSequentially('٧k٤m x9q2 h3v', { delay: FINGER_MS });
  await expect(field).toHaveValue('7K4M-X9Q2-H3V');
  // Held down for that long, so that Enter comes no sooner.
  await field.press('t', { delay: FINGER_MS });
  await field.press('Enter');
  await expect.poll(() => codesSent).toEqual(['7K4MX9Q2H3VT']);
});
