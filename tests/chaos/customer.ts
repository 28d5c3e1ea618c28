/**
 * One visit by a scripted customer, with the page's and the agent's part in it: buys or types a code, talks, ends,
 * leaves, whatever dies meanwhile. Like a person it looks at the screen and does the next thing that fits; it knows
 * nothing of the inside. Remembers what the screen showed as charged, as a witness beside the books.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { VisitIntent, VisitSnapshot } from '../../src-shared/visit.ts';
import { type CustomerPage, payAtCheckout } from './page.ts';
import type { VisitPlan } from './plan.ts';

/** How long leaving may take, with everything running again. @see ScriptedCustomer.visit */
const LEAVING_MS = 60_000;
const LOOK_EVERY_MS = 200;
const BEAT_EVERY_MS = 500;
const TALK_TRIES = 6;
const CODE_TRIES = 4;
/** Looks at an empty wallet before the customer believes it. */
const EMPTY_LOOKS = 20;

export interface VisitReport {
  /** Most seconds that any screen showed as charged, by talk. */
  shownSeconds: Map<string, number>;
  /** Code that the screen showed for a card bought here. */
  code: string | null;
}

export class ScriptedCustomer {
  readonly #page: CustomerPage;
  readonly #plan: VisitPlan;
  readonly #oldCode: string | null;
  readonly #patienceMs: number;
  readonly #report: VisitReport = { shownSeconds: new Map(), code: null };
  readonly #declined = new Set<string>();
  #screen: VisitSnapshot | null = null;
  #begun = false;
  #leaving = false;
  #talks = 0;
  #codeTries = 0;
  #emptyLooks = 0;
  #paidAt: string | null = null;
  #done = false;

  /** @param patienceMs how long the customer tries before going away */
  constructor(page: CustomerPage, plan: VisitPlan, oldCode: string | null, patienceMs: number) {
    this.#page = page;
    this.#plan = plan;
    this.#patienceMs = patienceMs;
    this.#oldCode = plan.usesOldCode ? oldCode : null;
  }

  /** @throws Error when the screen can't be left: a visit that nobody can end is a fault of the product */
  async visit(): Promise<VisitReport> {
    const beating = this.#beat();
    try {
      const startMs = performance.now();
      while (!this.#done) {
        const goneMs = performance.now() - startMs;
        this.#leaving ||= goneMs > this.#patienceMs;
        if (goneMs > this.#patienceMs + LEAVING_MS)
          throw new Error(`stuck on ${this.#screen?.screen ?? 'nothing'}`);
        await this.#lookAndAct();
        await delay(LOOK_EVERY_MS);
      }
    } finally {
      this.#done = true;
      await beating;
    }
    return this.#report;
  }

  async #lookAndAct(): Promise<void> {
    try {
      const screen = await this.#page.snapshot();
      this.#screen = screen;
      this.#note(screen);
      if (screen.busy) return;
      const intent = await this.#next(screen);
      if (intent) await this.#page.intent(intent);
    } catch {
      // The station or the checkout page is being restarted: look again.
    }
  }

  #note({ talk, receipt, screen, code, purchase }: VisitSnapshot): void {
    if (talk) this.#shown(talk.talkId, talk.chargedSeconds);
    if (receipt) this.#shown(receipt.talkId, receipt.chargedSeconds);
    if (screen === 'codeShown' && purchase) this.#report.code = code;
  }

  #shown(talkId: string, seconds: number): void {
    const { shownSeconds } = this.#report;
    shownSeconds.set(talkId, Math.max(seconds, shownSeconds.get(talkId) ?? 0));
  }

  get #talkedSeconds(): number {
    return [...this.#report.shownSeconds.values()].reduce((sum, seconds) => sum + seconds, 0);
  }

  async #next(screen: VisitSnapshot): Promise<VisitIntent | null> {
    if (screen.screen === 'attract') return this.#atAttract();
    if (this.#leaving) return { type: screen.screen === 'talk' ? 'endTalk' : 'finish' };
    switch (screen.screen) {
      case 'welcome':
        return { type: this.#oldCode ? 'chooseCode' : 'chooseBuy' };
      case 'packages':
        return { type: 'choosePackage', packageId: this.#plan.packageId };
      case 'pay':
        return this.#atPayment(screen);
      case 'codeShown':
        return { type: 'activate' };
      case 'enterCode':
        return this.#typeCode();
      case 'ready':
        return this.#atReady(screen);
      case 'talk':
        return this.#talkedSeconds >= this.#plan.talkSeconds ? { type: 'endTalk' } : null;
      case 'receipt':
        return this.#atReceipt(screen);
    }
  }

  #atAttract(): VisitIntent | null {
    if (this.#begun) {
      this.#done = true;
      return null;
    }
    this.#begun = true;
    return { type: 'begin' };
  }

  async #atPayment({ purchase }: VisitSnapshot): Promise<VisitIntent | null> {
    if (purchase?.way === null) return { type: 'chooseWay', way: 'phone' };
    if (!purchase?.checkoutUrl || this.#paidAt === purchase.purchaseId) return null;
    const { leavesPayScreen, declinedFirst } = this.#plan;
    if (leavesPayScreen === 'unpaid') return this.#leave();
    if (declinedFirst && !this.#declined.has(purchase.purchaseId)) {
      await payAtCheckout(purchase.checkoutUrl, 'declined');
      this.#declined.add(purchase.purchaseId);
      return null;
    }
    await payAtCheckout(purchase.checkoutUrl, 'good');
    this.#paidAt = purchase.purchaseId;
    return leavesPayScreen === 'paid' ? this.#leave() : null;
  }

  #typeCode(): VisitIntent {
    this.#codeTries += 1;
    if (!this.#oldCode || this.#codeTries > CODE_TRIES) return this.#leave();
    return { type: 'submitCode', code: this.#oldCode };
  }

  #atReady({ wallet }: VisitSnapshot): VisitIntent | null {
    return wallet && wallet.availableSeconds > 0 ? this.#talk() : this.#waitForTime();
  }

  #atReceipt({ receipt }: VisitSnapshot): VisitIntent | null {
    return receipt && receipt.remainingSeconds > 0 ? this.#talk() : this.#waitForTime();
  }

  /** Seconds of a talk that broke off may still be on their way back to the wallet. */
  #waitForTime(): VisitIntent | null {
    this.#emptyLooks += 1;
    return this.#emptyLooks > EMPTY_LOOKS ? this.#leave() : null;
  }

  #talk(): VisitIntent {
    this.#talks += 1;
    const enough = this.#talkedSeconds >= this.#plan.talkSeconds || this.#talks > TALK_TRIES;
    return enough ? this.#leave() : { type: 'startTalk' };
  }

  #leave(): VisitIntent {
    this.#leaving = true;
    return { type: 'finish' };
  }

  async #beat(): Promise<void> {
    while (!this.#done) {
      const talk = this.#screen?.talk;
      if (talk?.room) {
        await this.#page.talkOn(talk.talkId, talk.leg).catch(() => undefined);
      }
      await delay(BEAT_EVERY_MS);
    }
  }
}
