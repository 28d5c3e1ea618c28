/**
 * Any screen of the kiosk from a canned snapshot, without a station: built once as the page itself is built, drawn in
 * Chromium. Each size of display has one context, so that what a screen loads is loaded once.
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

export interface PreviewPage {
  page: Page;
  /** What the page complains about while it has this screen. */
  faults: string[];
}

export interface Preview {
  /** Opens a screen in a page of its own and waits until it stands still; the caller closes the page. */
  open(screen: string, look: Look): Promise<PreviewPage>;
  /** Draws a screen anew in the page kept for displays of this size, and waits until it stands still. */
  show(screen: string, look: Look): Promise<PreviewPage>;
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
  const queryOf = (screen: string, { theme, lang }: Look) => `?screen=${screen}&theme=${theme}&lang=${lang}`;
  const open = async (screen: string, look: Look) => {
    const opened: PreviewPage = { page: await (await contextOf(look)).newPage(), faults: [] };
    opened.page.on('console', (message) => {
      if (message.type() === 'error') opened.faults.push(message.text());
    });
    opened.page.on('pageerror', (error) => opened.faults.push(String(error)));
    await opened.page.goto(`${address}${PAGE}${queryOf(screen, look)}`);
    await untilStill(opened.page);
    return opened;
  };
  const kept = new Map<string, PreviewPage>();
  return {
    open,
    async show(screen, look) {
      const size = `${look.width}x${look.height}`;
      const shown = kept.get(size);
      if (!shown) {
        const opened = await open(screen, look);
        kept.set(size, opened);
        return opened;
      }
      shown.faults = [];
      await shown.page.evaluate(
        async (query) => {
          const drawn = new Promise((resolve) =>
            document.addEventListener('preview-drawn', resolve, { once: true }),
          );
          history.replaceState(null, '', query);
          dispatchEvent(new PopStateEvent('popstate'));
          await drawn;
        },
        queryOf(screen, look),
      );
      await untilStill(shown.page);
      return shown;
    },
    async close() {
      await server.close();
      await rm(outDir, { recursive: true, force: true });
    },
  };
}

async function untilStill(page: Page): Promise<void> {
  await page.locator('#root > *').first().waitFor();
  await page.evaluate(async () => {
    await document.fonts.ready;
    await Promise.all([...document.images].map((image) => image.decode()));
  });
}
