/** Any screen of the kiosk from a canned snapshot, without a station: served by the page's own build, drawn in Chromium. */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from '@playwright/test';
import { createServer } from 'vite';
import { VARIANTS } from '../../../src-renderer/kiosk/preview/snapshots.ts';
import { type Locale, screenSchema } from '../../../src-shared/visit.ts';

/** Every screen and every variant of one that the preview can draw. */
export const PREVIEW_SCREENS = [...screenSchema.options, ...Object.keys(VARIANTS)];

export interface Look {
  width: number;
  height: number;
  theme: 'dark' | 'light' | 'contrast';
  lang: Locale;
}

export interface Preview {
  /** Opens a screen and waits until it stands still. `faults` collects what the page complains about; the caller closes its context. */
  open(browser: Browser, screen: string, look: Look): Promise<{ page: Page; faults: string[] }>;
  close(): Promise<void>;
}

/** Serves the preview page of src-renderer on a free port. */
export async function startPreview(): Promise<Preview> {
  const root = fileURLToPath(new URL('../../../src-renderer', import.meta.url));
  const server = await createServer({
    root,
    configFile: `${root}/vite.config.ts`,
    server: { port: 0 },
    logLevel: 'error',
  });
  await server.listen();
  const address = server.resolvedUrls?.local[0] ?? '';
  return {
    async open(browser, screen, { width, height, theme, lang }) {
      const faults: string[] = [];
      const context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce' });
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(message.text());
      });
      page.on('pageerror', (error) => faults.push(String(error)));
      await page.goto(`${address}kiosk/preview/preview.html?screen=${screen}&theme=${theme}&lang=${lang}`);
      await page.locator('#root > *').first().waitFor();
      await page.evaluate(async () => {
        await document.fonts.ready;
        await Promise.all([...document.images].map((image) => image.decode()));
      });
      return { page, faults };
    },
    close: () => server.close(),
  };
}
