/**
 * Two stations over one database, as two kiosks of one operator: a code bought at one opens the same wallet at the
 * other, and both at once never spend more than it holds.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, expect, type Page, test } from '@playwright/test';
import {
  activate,
  buyStarter,
  endTalk,
  leave,
  openKiosk,
  remainingOnScreen,
  STARTER_SECONDS,
  secondsOf,
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

/** A talk reserves at most 15 minutes in advance, so the second one gets what lies above it. */
const LEASE_SECONDS = 900;
const LEFT_FOR_SECOND = 12;
/** The second talk's greeting, its seconds and the farewell, on a busy machine. */
const UNTIL_EMPTY_MS = 90_000;

let first: TestStation;
let second: TestStation;
let browser: Browser;
let atFirst: Page;
let atSecond: Page;

test.beforeAll(async () => {
  [first, browser] = await Promise.all([startTestStation(), launchKioskBrowser()]);
  second = await startTestStation({ env: settingsToShare(first) });
  [atFirst, atSecond] = [await openKiosk(browser, first), await openKiosk(browser, second)];
});

test.afterAll(async () => {
  await browser?.close();
  await second?.stop();
  await first?.stop();
});

/** What an operator sets at a second box of theirs. */
function settingsToShare({ ready }: TestStation): Record<string, string> {
  const secrets = JSON.parse(readFileSync(join(ready.dataDir, 'secrets', 'local.json'), 'utf8')) as {
    codeKeys: object[];
  };
  return {
    SUPABASE_URL: ready.supabase.url,
    SUPABASE_ANON_KEY: ready.supabase.anonKey,
    SUPABASE_SERVICE_ROLE_KEY: ready.serviceRoleKey ?? '',
    CODE_KEYS: JSON.stringify(secrets.codeKeys),
  };
}

test('one wallet: its code opens the rest elsewhere, and two talks at once share it to the last second', async () => {
  test.setTimeout(280_000);
  const code = await buyStarter(atFirst);
  await activate(atFirst);
  await startTalk(atFirst);
  const talkedAtFirst = await endTalk(atFirst);
  expect(talkedAtFirst.talked + talkedAtFirst.remaining).toBe(STARTER_SECONDS);
  await expect.poll(() => ledgerSpentSeconds(first.ready)).toBe(talkedAtFirst.talked);
  await leave(atFirst);

  await typeCode(atSecond, code);
  await expect(atSecond.getByTestId('screen-ready')).toBeVisible();
  expect(await remainingOnScreen(atSecond)).toBe(talkedAtFirst.remaining);

  await cutWalletTo(LEASE_SECONDS + LEFT_FOR_SECOND);
  const before = await ledgerSpentSeconds(first.ready);
  await typeCode(atFirst, code);
  await expect(atFirst.getByTestId('screen-ready')).toBeVisible();
  expect(await remainingOnScreen(atFirst)).toBe(LEASE_SECONDS + LEFT_FOR_SECOND);
  await startTalk(atFirst);
  await startTalk(atSecond);
  await expect(atSecond.getByTestId('screen-receipt')).toBeVisible({ timeout: UNTIL_EMPTY_MS });
  expect(await secondsOf(atSecond, 'talked-seconds')).toBe(LEFT_FOR_SECOND);
  await expect(atFirst.getByTestId('meter-state')).toHaveAttribute('data-meter', 'charging');
  const { talked } = await endTalk(atFirst);
  // The receipt follows the books: what the other kiosk has used meanwhile comes with the answer about the balance.
  await expect
    .poll(() => secondsOf(atFirst, 'receipt-remaining'), { timeout: 30_000 })
    .toBe(LEASE_SECONDS - talked);

  const spent = before + LEFT_FOR_SECOND + talked;
  await expect.poll(() => ledgerSpentSeconds(first.ready), { timeout: 30_000 }).toBe(spent);
  expect(storeChargedSeconds(first.ready.dataDir)).toBe(talkedAtFirst.talked + talked);
  expect(storeChargedSeconds(second.ready.dataDir)).toBe(LEFT_FOR_SECOND);
  expect(await ledgerViolations(first.ready)).toEqual([]);
});

/** Spends of the only card what is above `seconds`, through the ledger as everything else. */
async function cutWalletTo(seconds: number): Promise<void> {
  await queryDatabase(
    first.ready,
    `select app.move_seconds(id, 'deducted', 'available', 'spent', paid_available_seconds - $1, 0,
       'deduct:shortened', null, gen_random_uuid()) from public.time_cards`,
    [seconds],
  );
}
