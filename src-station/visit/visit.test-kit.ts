/** A visit on a bench: the real machine and engine, the clock in the test's hand, scripted relay, metering and rooms. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../../src-runtime/log.ts';
import type { PricingPackage } from '../../src-shared/pricing.ts';
import type { Balance, Purchase } from '../../src-shared/relay-api.ts';
import type { EndReason, MeterState, TalkHeartbeat, VisitIntent } from '../../src-shared/visit.ts';
import { ManualClock } from '../clock.test-kit.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Metering, MeteringEvent, OpenTalkRefusal, TalkAccount } from '../metering/contract.ts';
import { type MeterInput, newMeter, stepMeter } from '../metering/meter.ts';
import { type LegStanding, legStanding, type Meter } from '../metering/meter-rules.ts';
import { RelayFault } from '../relay-client/relay-call.ts';
import type { RelayClient } from '../relay-client/relay-client.ts';
import type { VoiceRooms } from '../voice/rooms.ts';
import { VisitEngine } from './engine.ts';
import type { World } from './snapshot.ts';
import { openVisitFile } from './visit-file.ts';

export const USER_ID = '6f3d2b54-5f0e-4a52-9a55-0d3a5a4f9d01';
export const CODE = 'ABCD1234WXYZ';

export const STARTER: PricingPackage = {
  id: 'starter',
  name: 'Starter',
  description: '',
  paidSeconds: 3600,
  bonusSeconds: 0,
  priceCents: 999,
  currency: 'usd',
};
export const PREMIUM: PricingPackage = {
  ...STARTER,
  id: 'premium',
  name: 'Premium',
  paidSeconds: 36_000,
  bonusSeconds: 7_200,
  priceCents: 7_999,
};

export function balanceOf(availableSeconds: number): Balance {
  const card = { cardId: '0b0e7f0a-7d1c-4c58-8f9e-55a4c2f64c11', packageId: 'starter', name: 'Starter' };
  const cards = [{ ...card, remainingSeconds: availableSeconds, expiresAt: '2027-11-01T00:00:00Z' }];
  return { userId: USER_ID, availableSeconds, heldSeconds: 0, cards, asOf: '2026-11-01T00:00:00Z' };
}

/** A relay whose purchases the test moves on by hand. */
export class BenchRelay implements RelayClient {
  readonly calls: string[] = [];
  /** Answers of the next polls; fields laid over a pending purchase. */
  purchaseState: Partial<Purchase> = {};
  balance = balanceOf(3600);
  validCodes = new Set([CODE]);
  redeemed: { code: string; userId: string | null }[] = [];
  down = false;
  /** Laid over the answer to a cancellation. */
  cancelState: Partial<Purchase> = {};
  /** Code with which the card reader, or the card fields, are refused. */
  readerFault = '';
  /** What the visit's file held when the checkout was asked for. */
  onCheckout: () => void = () => undefined;

  async createCheckout(request: { purchaseId: string }): Promise<Purchase> {
    this.calls.push(`checkout ${request.purchaseId}`);
    this.onCheckout();
    return this.#purchase(request.purchaseId);
  }

  async startTerminalPayment({
    purchaseId,
    attempt,
  }: {
    purchaseId: string;
    attempt: number;
  }): Promise<Purchase> {
    this.calls.push(`reader ${purchaseId} ${attempt}`);
    if (this.readerFault) throw new RelayFault('refused', this.readerFault, 'no');
    return { ...this.#purchase(purchaseId), checkoutUrl: null };
  }

  async startElementPayment({ purchaseId }: { purchaseId: string }): Promise<Purchase> {
    this.calls.push(`here ${purchaseId}`);
    if (this.readerFault) throw new RelayFault('refused', this.readerFault, 'no');
    return { ...this.#purchase(purchaseId), checkoutUrl: null };
  }

  async purchase(purchaseId: string): Promise<Purchase> {
    this.calls.push(`poll ${purchaseId}`);
    return this.#purchase(purchaseId);
  }

  async cancelPurchase(purchaseId: string): Promise<Purchase> {
    this.calls.push(`cancel ${purchaseId}`);
    return { ...this.#purchase(purchaseId), ...this.cancelState };
  }

  async redeem(request: { code: string; userId?: string | null }) {
    this.#check();
    this.redeemed.push({ code: request.code, userId: request.userId ?? null });
    if (!this.validCodes.has(request.code)) throw new RelayFault('refused', 'code_not_accepted', 'no');
    const cardId = this.balance.cards[0]?.cardId ?? USER_ID;
    return { userId: USER_ID, cardId, outcome: 'activated' as const, balance: this.balance };
  }

  async health() {
    this.#check();
    return { database: 'ok', stripe: 'ok' };
  }

  cancelled(): string[] {
    return this.calls.filter((call) => call.startsWith('cancel'));
  }

  #check(): void {
    if (this.down) throw new RelayFault('unreachable', '', 'down');
  }

  #purchase(purchaseId: string): Purchase {
    this.#check();
    return {
      purchaseId,
      packageId: 'starter',
      status: 'pending',
      priceCents: 999,
      currency: 'usd',
      checkoutUrl: 'https://pay.example/c',
      expiresAt: null,
      lastPaymentError: null,
      code: null,
      claimUrl: null,
      reader: null,
      readerUrl: null,
      payUrl: null,
      ...this.purchaseState,
    };
  }
}

export class BenchAccount implements TalkAccount {
  readonly talkId: string;
  readonly userId: string;
  readonly beats: TalkHeartbeat[] = [];
  readonly calls: string[] = [];
  state: MeterState = 'connecting';
  chargedSeconds = 0;
  remainingSeconds = 3600;
  /** Charged by the end itself, as a second that was due since the last look. */
  dueAtEnd = 0;

  /** The real one: it judges the ends of the talk, here as everywhere. What is charged is for the test to say. */
  #meter: Meter;
  readonly #clock: Clock;
  readonly #mustEnd: (reason: EndReason) => void;
  #looking: Timer;

  constructor(talkId: string, userId: string, clock: Clock, mustEnd: (reason: EndReason) => void) {
    this.talkId = talkId;
    this.userId = userId;
    this.#clock = clock;
    this.#mustEnd = mustEnd;
    this.#meter = newMeter(clock.monotonicMs(), Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY);
    this.#looking = this.#lookLater();
  }

  heartbeat(beat: TalkHeartbeat): LegStanding {
    this.beats.push(beat);
    this.#step({ type: 'beat', beat });
    return legStanding(this.#meter);
  }

  pause(): void {
    this.calls.push('pause');
    this.#step({ type: 'pause' });
  }

  resume(): void {
    this.calls.push('resume');
    this.#step({ type: 'resume' });
  }

  setPaymentPending(pending: boolean): void {
    this.calls.push(`pending ${pending}`);
  }

  refresh(): void {
    this.calls.push('refresh');
  }

  end(endReason: EndReason) {
    this.#looking.cancel();
    this.calls.push(`end ${endReason}`);
    this.chargedSeconds += this.dueAtEnd;
    this.remainingSeconds -= this.dueAtEnd;
    const { talkId, chargedSeconds } = this;
    return { talkId, startedAtMs: 1_000, endedAtMs: 61_000, chargedSeconds, endReason };
  }

  #step(input: MeterInput): void {
    const before = this.#meter.mustEnd;
    this.#meter = stepMeter(this.#meter, input, this.#clock.monotonicMs());
    if (this.#meter.mustEnd && !before) this.#mustEnd(this.#meter.mustEnd);
  }

  #lookLater(): Timer {
    return this.#clock.setTimer(() => {
      this.#looking = this.#lookLater();
      this.#step({ type: 'tick' });
    }, 1_000);
  }
}

export class BenchMetering implements Metering {
  interruptedTalk: Metering['interruptedTalk'] = null;
  refusal: OpenTalkRefusal | null = null;
  databaseReachable = true;
  keptSeconds = 0;
  /** Whose wallet was last on the screen. */
  wallet: string | null = null;
  backlogRows = 0;
  settled = false;
  balanceNow: Balance | null = null;
  account: BenchAccount | null = null;
  readonly #listeners = new Set<(event: MeteringEvent) => void>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async openTalk({ talkId, userId }: { talkId: string; userId: string }) {
    if (this.refusal) return this.refusal;
    const mustEnd = (reason: EndReason) => this.emit({ type: 'mustEnd', talkId, reason });
    this.account = new BenchAccount(talkId, userId, this.#clock, mustEnd);
    return this.account;
  }

  walletIs(userId: string | null) {
    this.wallet = userId;
  }

  async balance() {
    return this.balanceNow;
  }

  onEvent(listener: (event: MeteringEvent) => void) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: MeteringEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  isSettled() {
    return this.settled;
  }

  async stop() {}
}

export class BenchRooms implements VoiceRooms {
  readonly legs: { leg: number; history: unknown[]; metadata: Parameters<VoiceRooms['startLeg']>[0] }[] = [];
  readonly closed: string[] = [];
  expected: Parameters<VoiceRooms['expectTalk']>[0] = null;
  down = false;

  expectTalk(job: Parameters<VoiceRooms['expectTalk']>[0]) {
    this.expected = job;
  }

  async isAttended() {
    return true;
  }

  async startLeg(metadata: Parameters<VoiceRooms['startLeg']>[0]) {
    this.legs.push({ leg: metadata.leg, history: metadata.history, metadata });
    if (this.down) throw new Error('no LiveKit');
    return { url: 'ws://127.0.0.1:1', token: `token-${metadata.leg}`, name: `room-${metadata.leg}` };
  }

  async closeLegs(talkId: string, legs: number) {
    this.closed.push(`${talkId} ${legs}`);
  }

  async reachable() {
    return !this.down;
  }
}

/** A bench with one engine; `restart` makes another one on the same disk, as after a kill. */
export class Bench {
  readonly clock = new ManualClock();
  readonly dir = mkdtempSync(join(tmpdir(), 'visit-bench-'));
  readonly relay = new BenchRelay();
  readonly rooms = new BenchRooms();
  readonly file = openVisitFile(this.dir, () => this.clock.wallMs());
  metering = new BenchMetering(this.clock);
  world: World = {
    stationInstance: 'bench',
    demo: { payments: true, assistant: true },
    services: {
      talk: { ok: true },
      activate: { ok: true },
      buy: { ok: true },
      reader: { ok: false, reason: 'no_reader' },
      here: { ok: false, reason: 'not_offered' },
    },
    packages: [STARTER, PREMIUM],
  };
  readonly #demoSpeech: boolean;
  engine: VisitEngine;

  /** @param options `demoSpeech`: speech is the embedded demo */
  constructor({ demoSpeech = true }: { demoSpeech?: boolean } = {}) {
    this.#demoSpeech = demoSpeech;
    this.engine = this.#engine();
  }

  get now() {
    return this.engine.snapshot();
  }

  get account(): BenchAccount {
    if (!this.metering.account) throw new Error('no account is open');
    return this.metering.account;
  }

  /** Sends intents one after the other, letting effects finish after each. */
  async does(...intents: (VisitIntent | VisitIntent['type'])[]): Promise<void> {
    for (const intent of intents) {
      this.engine.intent(typeof intent === 'string' ? ({ type: intent } as VisitIntent) : intent);
      await this.clock.advanceAsync(0);
    }
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advanceAsync(ms);
  }

  async toReady(): Promise<void> {
    await this.does('begin', 'chooseCode', { type: 'submitCode', code: CODE });
  }

  async toPay(): Promise<void> {
    await this.does('begin', 'chooseBuy', { type: 'choosePackage', packageId: 'starter' });
  }

  async toTalk(): Promise<void> {
    await this.toReady();
    await this.does('startTalk');
    await this.beat({});
  }

  async beat(change: Partial<TalkHeartbeat>): Promise<void> {
    this.beatAtOnce(change);
    await this.pass(0);
  }

  /** A beat whose consequences are not waited for. */
  beatAtOnce(change: Partial<TalkHeartbeat>): void {
    const { talk } = this.now;
    if (!talk) throw new Error('no talk is running');
    this.engine.heartbeat({
      talkId: talk.talkId,
      leg: talk.leg,
      connection: 'connected',
      agentAgeMs: 500,
      agentState: 'listening',
      agentSoundAgeMs: 0,
      lastVoiceAgeMs: 0,
      hearsAgent: true,
      canSpeak: true,
      microphoneLost: false,
      speakerLost: false,
      earsLost: false,
      ...change,
    });
  }

  /** The meter says: still running. */
  tick(state: MeterState = 'charging'): void {
    const { talkId, chargedSeconds, remainingSeconds } = this.account;
    this.metering.emit({ type: 'tick', talkId, state, chargedSeconds, remainingSeconds });
  }

  /** The station is killed and comes back `afterMs` later. */
  async restart(afterMs: number, interrupted: Metering['interruptedTalk'] = null): Promise<void> {
    this.engine.stop();
    this.clock.freeze(afterMs);
    this.metering = new BenchMetering(this.clock);
    this.metering.interruptedTalk = interrupted;
    this.engine = this.#engine();
    await this.pass(0);
  }

  close(): void {
    this.engine.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  #engine(): VisitEngine {
    let count = 0;
    const series = Math.floor(this.clock.monotonicMs()).toString(16).padStart(8, '0').slice(-8);
    return new VisitEngine({
      clock: this.clock,
      newId: () => `${series}-0000-4000-8000-${String(++count).padStart(12, '0')}`,
      metering: this.metering,
      relay: this.relay,
      rooms: this.rooms,
      file: this.file,
      demoSpeech: this.#demoSpeech,
      world: () => this.world,
      log: createLogger({ service: 'bench', level: process.env['BENCH_LOG'] ?? 'silent' }),
    });
  }
}
