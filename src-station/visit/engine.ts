/**
 * Runs the visit machine: binds it to relay, metering, rooms, disk and clock, and shows it through the doors of the
 * local API. Promises: the machine never stops for good (a fault in it wipes the visit and starts afresh), each change
 * is on disk before the page sees it, and nothing of a customer is left anywhere after the wipe.
 */
import { type Actor, createActor, fromPromise } from 'xstate';
import type { Logger } from '../../src-runtime/log.ts';
import type { StationCall, ToolResult } from '../../src-shared/agent-link.ts';
import type { VisitIntent, VisitSnapshot } from '../../src-shared/visit.ts';
import type { Clock, Timer } from '../clock.ts';
import type { TalkDoor, VisitDoor } from '../local-api/doors.ts';
import type { Metering } from '../metering/contract.ts';
import type { RelayClient } from '../relay-client/relay-client.ts';
import type { VoiceRooms } from '../voice/rooms.ts';
import { answerTool, type ToolFacts } from '../voice/tool-answers/index.ts';
import { newPurchase, type VisitContext, withAnswer } from './context.ts';
import type { VisitEvent } from './events.ts';
import { eventsOf } from './intents.ts';
import { visitMachine } from './machine.ts';
import { resumeVisit } from './resume.ts';
import { buildSnapshot, type World } from './snapshot.ts';
import { TalkDriver } from './talk-driver.ts';
import { createVisitEffects, legJob } from './visit-effects.ts';
import { type VisitFile, visitFileText } from './visit-file.ts';

export interface VisitParts {
  clock: Clock;
  newId: () => string;
  metering: Metering;
  relay: RelayClient;
  rooms: VoiceRooms;
  file: VisitFile;
  demoSpeech: boolean;
  world(): World;
  log: Logger;
}

/** How often a live visit's file says that it is alive; well below RESUME_WITHIN_MS. */
const KEEP_FRESH_MS = 15_000;
const RECOVERY_PAUSE_MS = 500;
/** The name of a tool stays on the screen for a moment after its answer. */
const ACTIVITY_SHOWN_MS = 1_500;

export class VisitEngine implements VisitDoor, TalkDoor {
  readonly #parts: VisitParts;
  readonly #driver: TalkDriver;
  readonly #listeners = new Set<() => void>();
  #actor: Actor<typeof visitMachine>;
  #revision = 0;
  #savedText = '';
  /** The last snapshot told of, but for its revision. */
  #shownText = '';
  readonly #stopSettled: () => void;
  #keepFresh: Timer | null = null;
  #activity: Timer | null = null;
  #stopped = false;

  constructor(parts: VisitParts) {
    this.#parts = parts;
    this.#driver = new TalkDriver(parts.metering, (event) => this.#send(event));
    this.#stopSettled = parts.metering.onEvent(({ type }) => {
      if (type === 'settled') this.#refreshBalance();
    });
    this.#actor = this.#start(this.#restore());
    if (this.#context.wallet) this.#refreshBalance();
    this.#stayFresh();
  }

  snapshot(): VisitSnapshot {
    const state = this.#actor.getSnapshot();
    return buildSnapshot(state.context, this.#parts.world(), this.#revision, state.hasTag('busy'));
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  intent(intent: VisitIntent): void {
    const before = this.#actor.getSnapshot();
    for (const event of eventsOf(intent, this.#parts.world(), this.#parts.newId)) this.#send(event);
    const ignored = intent.type !== 'stillHere' && this.#actor.getSnapshot().value === before.value;
    if (intent.type === 'setLocale') this.#speakNewLanguage();
    if (ignored)
      this.#parts.log.debug({ intent: intent.type, screen: before.context.screen }, 'no new state');
  }

  /** Ears, voice and words belong to a leg: another language is another leg, free like any. A demo speaks English only. */
  #speakNewLanguage(): void {
    const { talk, locale } = this.#context;
    if (this.#parts.demoSpeech || !talk?.room || talk.legLocale === locale) return;
    this.#send({ type: 'link.lost', leg: talk.leg, counts: false });
  }

  heartbeat: TalkDoor['heartbeat'] = (beat) => {
    const { talk } = this.#context;
    if (talk?.talkId === beat.talkId && talk.leg === beat.leg) this.#driver.heartbeat(beat);
  };

  /** The LiveKit server says that the assistant or the room is gone: no need to wait for the missing beats. */
  roomLost(roomName: string): void {
    const { talk } = this.#context;
    if (talk?.room?.name === roomName) this.#driver.lostByServer(talk.leg);
  }

  caption: TalkDoor['caption'] = (talkId, caption) => this.#send({ type: 'caption', talkId, caption });

  history: TalkDoor['history'] = (talkId) => {
    const { talk } = this.#context;
    return talk?.talkId === talkId ? talk.history : [];
  };

  commandDone: TalkDoor['commandDone'] = (id) => this.#send({ type: 'commandDone', id });

  stationCall = async (call: StationCall): Promise<ToolResult> => {
    if (!this.#context.talk) return { ok: false, spoken: 'There is no conversation right now.', data: {} };
    this.#activity?.cancel();
    this.#send({ type: 'activity', tool: call.tool });
    this.#activity = this.#parts.clock.setTimer(
      () => this.#send({ type: 'activity', tool: null }),
      ACTIVITY_SHOWN_MS,
    );
    return answerTool(call, this.#facts());
  };

  /** The world outside the visit has changed; the page is shown it. */
  worldChanged(): void {
    this.#changed();
  }

  /** Everything the machine holds; tests look here for traces of a customer. */
  get state(): unknown {
    return this.#actor.getPersistedSnapshot();
  }

  stop(): void {
    this.#stopped = true;
    this.#keepFresh?.cancel();
    this.#activity?.cancel();
    this.#stopSettled();
    this.#driver.stop();
    this.#actor.stop();
    this.#parts.rooms.expectTalk(null);
  }

  get #context(): VisitContext {
    return this.#actor.getSnapshot().context;
  }

  #send(event: VisitEvent): void {
    if (!this.#stopped) this.#actor.send(event);
  }

  #restore(): VisitContext | null {
    const { file, metering, clock, log } = this.#parts;
    const interrupted = metering.interruptedTalk;
    const settled = interrupted ? metering.isSettled(interrupted.talkId) : true;
    const { visit, abandoned } = resumeVisit({
      saved: file.load(),
      interrupted,
      settled,
      nowMs: clock.wallMs(),
    });
    if (abandoned) this.#cancelPurchase(abandoned);
    if (visit) log.info({ visitId: visit.visitId, screen: visit.screen }, 'visit resumed');
    else file.remove();
    return visit;
  }

  #start(restored: VisitContext | null): Actor<typeof visitMachine> {
    const actor = createActor(this.#machine(), {
      input: { restored },
      clock: xstateClock(this.#parts.clock),
    });
    this.#actor = actor;
    actor.subscribe({
      next: (state) => {
        this.#persist(state.context);
        this.#parts.metering.walletIs(state.context.wallet?.userId ?? null);
        this.#expectTalk(state.context);
        this.#changed();
      },
      error: (error) => this.#recover(error),
    });
    actor.start();
    return actor;
  }

  /** A fault inside the machine: nobody's state can be trusted, so the visit ends like any other. */
  #recover(error: unknown): void {
    this.#parts.log.error({ err: error }, 'visit machine failed; starting afresh');
    if (this.#driver.account) this.#driver.close('operator');
    this.#parts.file.remove();
    this.#savedText = '';
    if (this.#stopped) return;
    // Not at once: a machine that fails at its very start must not spin.
    this.#parts.clock.setTimer(() => {
      if (!this.#stopped) this.#start(null);
    }, RECOVERY_PAUSE_MS);
  }

  #machine(): typeof visitMachine {
    const effects = createVisitEffects({
      relay: this.#parts.relay,
      rooms: this.#parts.rooms,
      driver: this.#driver,
      demoSpeech: this.#parts.demoSpeech,
      saveVisit: () => this.#parts.file.save(this.#context),
      onClosed: () => this.#refreshBalance(),
    });
    const driver = this.#driver;
    return visitMachine.provide({
      actors: {
        createPurchase: fromPromise(({ input }) => effects.createPurchase(input)),
        pollPurchase: fromPromise(({ input }) => effects.pollPurchase(input)),
        redeem: fromPromise(({ input }) => effects.redeem(input)),
        openTalk: fromPromise(({ input }) => effects.openTalk(input)),
        startLeg: fromPromise(({ input }) => effects.startLeg(input)),
        closeTalk: fromPromise(({ input }) => effects.closeTalk(input)),
      },
      actions: {
        forgetVisit: () => this.#forget(),
        cancelPurchase: (_, purchase) => this.#cancelPurchase(purchase),
        meterPause: () => driver.account?.pause(),
        meterResume: () => driver.account?.resume(),
        meterTouched: () => driver.account?.resume(),
        meterRefresh: () => driver.account?.refresh(),
        meterPaymentPending: (_, { pending }) => driver.account?.setPaymentPending(pending),
      },
    });
  }

  /** While the microphone is checked the agent is sent ahead, so that the greeting starts with the talk. */
  #expectTalk({ screen, visitId, wallet, locale, talk, formerHistory }: VisitContext): void {
    const { rooms, demoSpeech, world } = this.#parts;
    // Just now the room that was made ahead may be taken.
    if (screen === 'talk' && !talk?.room) return;
    const likely = screen === 'ready' && world().services.talk.ok;
    const remainingSeconds = wallet?.availableSeconds ?? 0;
    const leg = { leg: 1, locale, formerLocale: null, remainingSeconds, history: formerHistory };
    const expected = likely && visitId && remainingSeconds > 0;
    rooms.expectTalk(expected ? legJob({ visitId, ...leg }, demoSpeech) : null);
  }

  /** Runs behind the visit; the relay fulfils what was paid meanwhile, and ends by itself what nobody cancels. */
  #cancelPurchase({ purchaseId, visitId }: { purchaseId: string; visitId: string }): void {
    const { relay, log } = this.#parts;
    relay.cancelPurchase(purchaseId, visitId).then(
      (purchase) => {
        log.info({ purchaseId, status: purchase.status }, 'purchase left');
        const chosen = this.#parts.world().packages.find(({ id }) => id === purchase.packageId);
        if (purchase.status !== 'paid' || !purchase.code || !chosen) return;
        const paid = withAnswer(newPurchase(purchaseId, chosen, null), purchase);
        this.#send({ type: 'paidAfterAll', visitId, purchase: paid });
      },
      (error) => log.warn({ purchaseId, err: error }, 'purchase could not be cancelled'),
    );
  }

  #refreshBalance(): void {
    const userId = this.#context.wallet?.userId;
    if (!userId) return;
    this.#parts.metering.balance(userId).then(
      (balance) => balance && this.#send({ type: 'balance', balance }),
      (error) => this.#parts.log.warn({ err: error }, 'no balance'),
    );
  }

  #persist(visit: VisitContext): void {
    if (!visit.visitId) return;
    const text = visitFileText(visit);
    if (text === this.#savedText) return;
    try {
      this.#parts.file.save(visit);
      this.#savedText = text;
    } catch (error) {
      this.#parts.log.error({ err: error }, 'visit could not be saved');
    }
  }

  #forget(): void {
    this.#savedText = '';
    try {
      this.#parts.file.remove();
    } catch (error) {
      this.#parts.log.error({ err: error }, 'visit file could not be removed');
    }
  }

  #stayFresh(): void {
    this.#keepFresh = this.#parts.clock.setTimer(() => {
      this.#savedText = '';
      this.#persist(this.#context);
      this.#stayFresh();
    }, KEEP_FRESH_MS);
  }

  /** Tells of a change that the page can see: a beat, or a caption that the page itself has brought, is none. */
  #changed(): void {
    const { revision: _, ...shown } = this.snapshot();
    const text = JSON.stringify(shown);
    if (text === this.#shownText) return;
    this.#shownText = text;
    this.#revision++;
    for (const listener of [...this.#listeners]) listener();
  }

  #facts(): ToolFacts {
    const { talk, wallet } = this.#context;
    const account = this.#driver.account;
    const world = this.#parts.world();
    const spoken = talk?.history.filter(({ final }) => final) ?? [];
    return {
      remainingSeconds: account?.remainingSeconds ?? talk?.remainingSeconds ?? 0,
      chargedSeconds: account?.chargedSeconds ?? talk?.chargedSeconds ?? 0,
      wallet,
      packages: world.packages,
      canBuy: world.services.buy.ok,
      customerTurns: spoken.filter(({ who }) => who === 'customer').length,
      assistantTurns: spoken.filter(({ who }) => who === 'assistant').length,
      openPurchase: (packageId) => {
        // Another purchase may be open on the screen; it gives way to the one just asked for.
        this.#send({ type: 'closeTopUp' });
        this.intent({ type: 'openTopUp', packageId });
        return this.#context.talk?.topUp === 'pay';
      },
    };
  }
}

/** XState's timers on the station's clock. */
function xstateClock(clock: Clock) {
  return {
    setTimeout: (callback: () => void, delayMs: number) => clock.setTimer(callback, delayMs),
    clearTimeout: (timer: Timer | undefined) => timer?.cancel(),
  };
}
