/**
 * The visit as one machine. Three regions side by side while somebody is here: `idle` (the question and the wipe),
 * `screen` (where the customer is) and `paying`. Whatever way a visit ends, its exit wipes everything of the customer.
 */
import { assign, raise } from 'xstate';
import { withCaption } from '../../src-shared/captions.ts';
import { emptyVisit, HISTORY_LIMIT, newTalk } from './context.ts';
import { problemOf } from './effects.ts';
import { idleStates } from './idle-states.ts';
import { visitSetup } from './machine-setup.ts';
import { payingStates } from './paying-states.ts';
import { talkStates } from './talk-states.ts';

/** A talk begins or goes on: with the captions of the one before, when there was one in this visit. */
const startTalk = visitSetup.createAction(
  assign(({ context, event }) => {
    if (event.type !== 'startTalk') return {};
    const remaining = context.wallet?.availableSeconds ?? 0;
    return { talk: newTalk(event.talkId, remaining, context.formerHistory), receipt: null };
  }),
);

/** The code of a purchase that was left, and paid all the same, for the customer who is still here. */
const showPaid = {
  guard: 'isThisVisit',
  target: 'codeShown',
  actions: 'takePaid',
} as const;

const screenStates = visitSetup.createStateConfig({
  initial: 'entering',
  states: {
    entering: {
      always: [
        { guard: { type: 'screenIs', params: { screen: 'packages' } }, target: 'packages' },
        { guard: { type: 'screenIs', params: { screen: 'pay' } }, target: 'pay' },
        { guard: { type: 'screenIs', params: { screen: 'codeShown' } }, target: 'codeShown' },
        { guard: { type: 'screenIs', params: { screen: 'enterCode' } }, target: 'enterCode' },
        { guard: { type: 'screenIs', params: { screen: 'ready' } }, target: 'ready' },
        { guard: { type: 'screenIs', params: { screen: 'receipt' } }, target: 'receipt' },
        { target: 'welcome' },
      ],
    },
    welcome: {
      id: 'welcome',
      entry: [{ type: 'enterScreen', params: { screen: 'welcome' } }, 'announceScreen'],
      on: { chooseBuy: 'packages', chooseCode: 'enterCode', back: '#attract', paidAfterAll: showPaid },
    },
    packages: {
      entry: [{ type: 'enterScreen', params: { screen: 'packages' } }, 'announceScreen'],
      on: {
        choosePackage: { target: 'pay', actions: 'rememberChoice' },
        paidAfterAll: showPaid,
        back: [
          { guard: 'hasReceipt', target: 'receipt' },
          { guard: 'hasWallet', target: 'ready' },
          { target: 'welcome' },
        ],
      },
    },
    pay: {
      entry: [
        { type: 'enterScreen', params: { screen: 'pay' } },
        'announceScreen',
        raise({ type: 'pay.start' }),
      ],
      exit: raise({ type: 'pay.leave' }),
      on: {
        'pay.paid': {
          target: 'codeShown',
          actions: assign(({ context }) => ({ code: context.purchase?.code ?? null, problem: null })),
        },
        'pay.failed': 'packages',
        paidAfterAll: showPaid,
        back: 'packages',
      },
    },
    codeShown: {
      entry: [{ type: 'enterScreen', params: { screen: 'codeShown' } }, 'announceScreen'],
      initial: 'showing',
      states: {
        showing: { on: { activate: 'activating' } },
        activating: {
          tags: ['busy'],
          invoke: {
            src: 'redeem',
            input: ({ context: { code, visitId, wallet } }) => {
              if (!code || !visitId) throw new Error('activating without a code');
              return { code, visitId, userId: wallet?.userId ?? null };
            },
            onDone: {
              target: '#ready',
              actions: assign(({ event }) => ({ wallet: event.output, receipt: null })),
            },
            onError: {
              target: 'showing',
              actions: assign(({ event }) => ({ problem: problemOf(event.error) })),
            },
          },
        },
      },
    },
    enterCode: {
      entry: [{ type: 'enterScreen', params: { screen: 'enterCode' } }, 'announceScreen'],
      initial: 'typing',
      states: {
        typing: {
          on: {
            submitCode: [
              { guard: 'isCode', target: 'redeeming', actions: 'rememberCode' },
              // Never sent, so it is no try: the relay would count it.
              { actions: assign({ problem: { code: 'code_unreadable', detail: null } }) },
            ],
            back: [{ guard: 'hasWallet', target: '#ready' }, { target: '#welcome' }],
          },
        },
        redeeming: {
          tags: ['busy'],
          invoke: {
            src: 'redeem',
            input: ({ context: { typedCode, visitId, wallet } }) => {
              if (!typedCode || !visitId) throw new Error('redeeming without a code');
              return { code: typedCode, visitId, userId: wallet?.userId ?? null };
            },
            onDone: {
              target: '#ready',
              actions: assign(({ context, event }) => ({
                wallet: event.output,
                code: context.code ?? context.typedCode,
                typedCode: null,
                receipt: null,
              })),
            },
            onError: {
              target: 'typing',
              actions: assign(({ event }) => ({ problem: problemOf(event.error), typedCode: null })),
            },
          },
        },
      },
    },
    ready: {
      id: 'ready',
      entry: [{ type: 'enterScreen', params: { screen: 'ready' } }, 'announceScreen'],
      on: {
        startTalk: { guard: 'hasWallet', target: 'talk', actions: startTalk },
        chooseBuy: 'packages',
        chooseCode: 'enterCode',
        back: [
          { guard: 'boughtHere', target: 'codeShown' },
          { target: 'welcome', actions: assign({ wallet: null, code: null, receipt: null }) },
        ],
      },
    },
    talk: talkStates,
    receipt: {
      id: 'receipt',
      entry: [{ type: 'enterScreen', params: { screen: 'receipt' } }, 'announceScreen'],
      on: {
        startTalk: { guard: 'hasWallet', target: 'talk', actions: startTalk },
        chooseBuy: 'packages',
        'meter.settled': {
          guard: ({ context, event }) => context.receipt?.talkId === event.talkId,
          actions: assign(({ context: { receipt } }) => ({
            receipt: receipt && { ...receipt, settled: true },
          })),
        },
        caption: {
          guard: ({ context, event }) => context.receipt?.talkId === event.talkId,
          actions: assign(({ context, event }) => ({
            formerHistory: withCaption(context.formerHistory, event.caption, HISTORY_LIMIT),
          })),
        },
      },
    },
  },
});

export const visitMachine = visitSetup.createMachine({
  context: ({ input }) => input.restored ?? emptyVisit(),
  initial: 'starting',
  states: {
    starting: { always: [{ guard: 'hasVisit', target: 'visiting' }, { target: 'attract' }] },
    attract: {
      id: 'attract',
      entry: 'forgetVisit',
      on: {
        begin: { target: 'visiting', actions: assign(({ event }) => ({ visitId: event.visitId })) },
        setLocale: { actions: 'setLocale' },
      },
    },
    visiting: {
      type: 'parallel',
      exit: 'wipe',
      on: {
        startOver: '#attract',
        finish: '#attract',
        setLocale: { actions: 'setLocale' },
        balance: { actions: 'takeBalance' },
        // On any other screen it is kept for the receipt.
        paidAfterAll: {
          guard: 'isThisVisit',
          actions: assign(({ event }) => ({ code: event.purchase.code })),
        },
      },
      states: { idle: idleStates, paying: payingStates, screen: screenStates },
    },
  },
});
