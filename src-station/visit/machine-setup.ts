/**
 * The vocabulary of the visit machine: its types, the effects it names (given from outside by `provide`), guards and
 * delays. States are in `machine.ts`, `paying-states.ts` and `talk-states.ts`.
 */
import { assign, fromPromise, raise, setup } from 'xstate';
import { normalizeCode } from '../../src-shared/activation-code.ts';
import { IDLE_MS } from '../../src-shared/limits.ts';
import type { Balance, Purchase } from '../../src-shared/relay-api.ts';
import { type Backoff, backoffMs } from '../../src-shared/retry.ts';
import type { EndReason, Screen, TalkView } from '../../src-shared/visit.ts';
import {
  type CommandBody,
  emptyVisit,
  newPurchase,
  type TalkMemory,
  type VisitContext,
  withCommand,
} from './context.ts';
import type { ClosedTalk, CreatePurchaseInput, RedeemInput, StartLegInput } from './effects.ts';
import type { VisitEvent } from './events.ts';

export const POLL_INTERVAL_MS = 2_000;
const LEG_RETRY: Backoff = { firstMs: 1_500, longestMs: 3_000 };
export const LEG_TRIES = 3;
export const REDEEM_RETRY_MS = 3_000;

function idleMs(screen: Screen): number {
  return screen === 'pay' || screen === 'codeShown' || screen === 'receipt' ? IDLE_MS[screen] : IDLE_MS.other;
}

function missing(): never {
  throw new Error('this effect was not provided');
}

export const visitSetup = setup({
  types: {
    context: {} as VisitContext,
    events: {} as VisitEvent,
    input: {} as { restored: VisitContext | null },
    tags: {} as 'busy',
  },
  actors: {
    createPurchase: fromPromise<Purchase, CreatePurchaseInput>(missing),
    pollPurchase: fromPromise<Purchase, { purchaseId: string; visitId: string }>(missing),
    redeem: fromPromise<Balance, RedeemInput>(missing),
    openTalk: fromPromise<{ remainingSeconds: number }, { talkId: string; visitId: string; userId: string }>(
      missing,
    ),
    startLeg: fromPromise<NonNullable<TalkView['room']>, StartLegInput>(missing),
    closeTalk: fromPromise<ClosedTalk, { talkId: string; reason: EndReason; legs: number }>(missing),
  },
  actions: {
    /** Effects given from outside. */
    forgetVisit: missing,
    cancelPurchase: (_, _purchase: { purchaseId: string; visitId: string }) => missing(),
    meterPause: missing,
    meterResume: missing,
    meterRefresh: missing,
    meterTouched: missing,
    meterPaymentPending: (_, _state: { pending: boolean }) => missing(),
    /** Own actions. */
    enterScreen: assign((_, { screen }: { screen: Screen }) => ({ screen })),
    announceScreen: raise({ type: 'screen.entered' }),
    clearProblem: assign({ problem: null }),
    /** What the customer does now makes the last problem old; a mere touch does not. */
    clearAfterTouch: assign(({ context, event }) => ({
      secondsLeft: null,
      problem: event.type === 'life' && !event.clearsProblem ? context.problem : null,
    })),
    rememberCode: assign(({ event }) => ({
      typedCode: event.type === 'submitCode' ? (normalizeCode(event.code) ?? null) : null,
    })),
    /** Fresh figures of the wallet; the receipt follows once its talk is settled. */
    takeBalance: assign(({ context, event }) => {
      if (event.type !== 'balance' || event.balance.userId !== context.wallet?.userId) return {};
      const { receipt } = context;
      const remainingSeconds = event.balance.availableSeconds;
      return {
        wallet: event.balance,
        receipt: receipt?.settled ? { ...receipt, remainingSeconds } : receipt,
      };
    }),
    clearQuestion: assign({ secondsLeft: null }),
    setLocale: assign(({ context, event }) => ({
      locale: event.type === 'setLocale' ? event.locale : context.locale,
    })),
    wipe: assign(() => emptyVisit()),
    /** The package that `choosePackage` names becomes the visit's purchase. */
    rememberChoice: assign(({ event }) =>
      event.type === 'choosePackage'
        ? { purchase: newPurchase(event.purchaseId, event.package, event.way) }
        : {},
    ),
    takePaid: assign(({ event }) =>
      event.type === 'paidAfterAll'
        ? { purchase: event.purchase, code: event.purchase.code, problem: null }
        : {},
    ),
    forgetPurchase: assign({ purchase: null }),
    command: assign(({ context }, { body }: { body: CommandBody }) => ({
      talk: context.talk && withCommand(context.talk, body),
    })),
    setTalk: assign(({ context }, { change }: { change: Partial<TalkMemory> }) => ({
      talk: context.talk && { ...context.talk, ...change },
    })),
  },
  guards: {
    screenIs: ({ context }, { screen }: { screen: Screen }) => context.screen === screen,
    isCode: ({ event }) => event.type === 'submitCode' && normalizeCode(event.code) !== undefined,
    hasWallet: ({ context }) => context.wallet !== null,
    hasReceipt: ({ context }) => context.receipt !== null,
    isThisVisit: ({ context, event }) => event.type === 'paidAfterAll' && event.visitId === context.visitId,
    hasVisit: ({ context }) => context.visitId !== null,
    boughtHere: ({ context }) => context.purchase?.status === 'paid' && context.code !== null,
    lastSecond: ({ context }) => (context.secondsLeft ?? 0) <= 1,
  },
  delays: {
    idle: ({ context }) => idleMs(context.screen),
    legBackoff: ({ context }) => backoffMs(LEG_RETRY, context.talk?.failures ?? 1),
  },
});
