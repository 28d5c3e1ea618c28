/** How long a page takes to be seen in a Chromium that is started for it: an empty one, and the station's first. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { makeLaunchNonce } from '../../src-runtime/launch-nonce.ts';
import { healthReportSchema } from '../../src-shared/health.ts';
import { portsFrom } from '../../src-shared/ports.ts';
import { eventually } from '../support/processes/supervised.ts';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const PATIENCE_MS = 60_000;

/** What the process on `port` says of itself; undefined while it does not answer. */
export async function healthOf(
  port: number,
): Promise<ReturnType<typeof healthReportSchema.parse> | undefined> {
  try {
    return healthReportSchema.parse(await (await fetch(`http://127.0.0.1:${port}/health`)).json());
  } catch {
    return undefined;
  }
}

/** From the spawn of Chromium to the second frame of an empty page (ms): the floor for any page on this machine. */
export async function timeBlankPage(): Promise<number> {
  const beganAt = performance.now();
  return inChromium(async (page) => {
    await page.goto('about:blank');
    await twoFrames(page);
    return performance.now() - beganAt;
  });
}

/**
 * From `beganAt` to the station's first screen (ms). The browser is started when the station answers, as the product
 * does with its window.
 */
export async function timeFirstScreen(
  place: { dataDir: string; portBase: number },
  beganAt: number,
): Promise<number> {
  const port = portsFrom(place.portBase).station;
  await eventually('the station answers', () => healthOf(port), PATIENCE_MS);
  const url = `http://127.0.0.1:${port}/launch?nonce=${makeLaunchNonce(launchSecret(place.dataDir))}`;
  return inChromium(async (page) => {
    await page.goto(url);
    await page.getByTestId('screen-attract').waitFor({ timeout: PATIENCE_MS });
    await twoFrames(page);
    return performance.now() - beganAt;
  });
}

function launchSecret(dataDir: string): string {
  const secrets: unknown = JSON.parse(readFileSync(join(dataDir, 'secrets', 'local.json'), 'utf8'));
  return (secrets as { launchSecret: string }).launchSecret;
}

async function inChromium(use: (page: Page) => Promise<number>): Promise<number> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    return await use(await browser.newPage());
  } finally {
    await browser.close();
  }
}

/** A frame is on the screen when the one after it begins. */
function twoFrames(page: Page): Promise<void> {
  return page.evaluate(
    'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn())))',
  );
}
