/**
 * The campaign with everything: Chromium draws the page, joins the room, beats and speaks; the customer touches what is
 * on the screen. What the station shows is read beside it, over a page of our own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from '@playwright/test';
import { makeLaunchNonce } from '../../src-runtime/launch-nonce.ts';
import type { VisitIntent, VisitSnapshot } from '../../src-shared/visit.ts';
import { launchKioskBrowser, speakAloud, standAtMicrophone } from '../support/browser/kiosk-browser.ts';
import { synthesise } from '../support/talk/speech.ts';
import type { CampaignOptions } from './campaign.ts';
import { type CustomerPage, ScriptedPage } from './page.ts';
import { WHOLE_VICTIMS } from './plan.ts';
import type { Kiosk } from './plant.ts';

const TOUCH_TIMEOUT_MS = 3_000;
const QUESTION = 'How much time do I have left?';
const SCREEN = { width: 1080, height: 1920 };

export interface Screen {
  campaign: Pick<CampaignOptions, 'field' | 'patienceMs' | 'openPage'>;
  close(): Promise<void>;
}

/** Starts Chromium and prepares what the customer says. */
export async function openChromium(): Promise<Screen> {
  const dir = mkdtempSync(join(tmpdir(), 'mindbot-chaos-voice-'));
  const question = join(dir, 'question.wav');
  await synthesise(QUESTION, question, { leadSilenceMs: 200, tailSilenceMs: 1_000 });
  const browser = await launchKioskBrowser();
  return {
    campaign: {
      field: { shared: WHOLE_VICTIMS, killsWithinMs: 30_000 },
      patienceMs: 150_000,
      openPage: (kiosk) => new ChromiumPage(browser, kiosk, question),
    },
    close: async () => {
      await browser.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

class ChromiumPage implements CustomerPage {
  readonly #browser: Browser;
  readonly #kiosk: Kiosk;
  readonly #question: string;
  readonly #beside: ScriptedPage;
  #page: Page | null = null;
  #speaking: Promise<void> | null = null;

  constructor(browser: Browser, kiosk: Kiosk, question: string) {
    this.#browser = browser;
    this.#kiosk = kiosk;
    this.#question = question;
    this.#beside = new ScriptedPage(kiosk.url, kiosk.launchSecret);
  }

  async launch(): Promise<void> {
    await this.#beside.launch();
    for (const context of this.#browser.contexts()) await context.close();
    const context = await this.#browser.newContext({ viewport: SCREEN });
    const page = await context.newPage();
    await standAtMicrophone(page);
    const { url, launchSecret } = this.#kiosk;
    await page.goto(`${url}/launch?nonce=${makeLaunchNonce(launchSecret)}`);
    this.#page = page;
  }

  snapshot(): Promise<VisitSnapshot> {
    return this.#beside.snapshot();
  }

  async intent(intent: VisitIntent): Promise<void> {
    switch (intent.type) {
      case 'begin':
        return this.#touch('action-begin');
      case 'chooseBuy':
        return this.#touch('choose-buy');
      case 'chooseCode':
        return this.#touch('choose-code');
      case 'choosePackage':
        return this.#touch(`package-${intent.packageId}`);
      case 'chooseWay':
        return this.#touch(`choose-${intent.way}`);
      case 'submitCode':
        await this.#shown.getByTestId('code-input').fill(intent.code, { timeout: TOUCH_TIMEOUT_MS });
        return this.#touch('action-submit-code');
      case 'activate':
        return this.#touch('action-activate');
      case 'startTalk':
        return this.#touch('action-start-talk', 'action-talk-on');
      case 'endTalk':
        return this.#touch('action-end-talk');
      case 'finish':
        return this.#leave();
      default:
        throw new Error(`no touch for ${intent.type}`);
    }
  }

  /** Page and agent beat by themselves; the customer asks again and again. */
  async talkOn(): Promise<void> {
    this.#speaking ??= speakAloud(this.#shown, this.#question)
      .catch(() => undefined)
      .finally(() => {
        this.#speaking = null;
      });
  }

  get #shown(): Page {
    if (!this.#page) throw new Error('the page is not open');
    return this.#page;
  }

  async #touch(...testIds: string[]): Promise<void> {
    const [first, ...others] = testIds.map((testId) => this.#shown.getByTestId(testId));
    const target = others.reduce((either, other) => either?.or(other), first);
    await target?.click({ timeout: TOUCH_TIMEOUT_MS });
  }

  async #leave(): Promise<void> {
    const finish = this.#shown.getByTestId('action-finish');
    if (await finish.isVisible()) return finish.click({ timeout: TOUCH_TIMEOUT_MS });
    await this.#touch('action-start-over');
    await this.#touch('action-confirm-start-over');
  }
}
