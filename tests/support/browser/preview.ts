/**
 * Any screen of the kiosk from a canned snapshot, without a station: built once as the page itself is built, drawn in
 * Chromium. Each look has one context, so that what a screen loads is loaded once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { build, preview } from 'vite';
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
  /** Opens a screen and waits until it stands still. `faults` collects what the page complains about; the caller closes the page. */
  open(screen: string, look: Look): Promise<{ page: Page; faults: string[] }>;
  close(): Promise<void>;
}

const RENDERER = fileURLToPath(new URL('../../../src-renderer', import.meta.url));
const PAGE = 'kiosk/preview/preview.html';

/** Builds the preview page of src-renderer and serves it on a free port, to be drawn in `browser`. */
export async function startPreview(browser: Browser): Promise<Preview> {
  const outDir = await mkdtemp(join(tmpdir(), 'mindbot-preview-'));
  const config = { root: RENDERER, configFile: join(RENDERER, 'vite.config.ts'), logLevel: 'error' } as const;
  await build({ ...config, build: { outDir, rolldownOptions: { input: join(RENDERER, PAGE) } } });
  const server = await preview({ ...config, build: { outDir }, preview: { port: 0, host: '127.0.0.1' } });
  const address = server.resolvedUrls?.local[0] ?? '';
  const contexts = new Map<string, Promise<BrowserContext>>();
  const contextOf = ({ width, height }: Look) => {
    const key = `${width}x${height}`;
    const context =
      contexts.get(key) ?? browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce' });
    contexts.set(key, context);
    return context;
  };
  return {
    async open(screen, look) {
      const faults: string[] = [];
      const page = await (await contextOf(look)).newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(message.text());
      });
      page.on('pageerror', (error) => faults.push(String(error)));
      await page.goto(`${address}${PAGE}?screen=${screen}&theme=${look.theme}&lang=${look.lang}`);
      await page.locator('#root > *').first().waitFor();
      await page.evaluate(async () => {
        await document.fonts.ready;
        await Promise.all([...document.images].map((image) => image.decode()));
      });
      return { page, faults };
    },
    async close() {
      await server.close();
      await rm(outDir, { recursive: true, force: true });
    },
  };
}
