/**
 * The conversation: account opened, legs made and remade, goodbye, closing. Promise: once its account is open, a talk
 * is only ever left through `closing`, so the account is always closed and the receipt is always shown.
 */
import { assign, raise } from 'xstate';
import { withCaption } from '../../src-shared/captions.ts';
import { GOODBYE_MS } from '../../src-shared/limits.ts';
import { HISTORY_LIMIT, type VisitContext, withCommand } from './context.ts';
import { type ClosedTalk, problemOf } from './effects.ts';
import { LEG_TRIES, visitSetup } from './machine-setup.ts';
import { topUpStates } from './top-up-states.ts';

function lastTry(context: VisitContext): boolean {
  return (context.talk?.failures ?? 0) + 1 >= LEG_TRIES;
}

/** One leg came to nothing. */
function failed(context: VisitContext): Partial<VisitContext> {
  const { talk } = context;
  return { talk: talk && { ...talk, failures: talk.failures + 1, room: null, activity: null } };
}

function because(context: VisitContext, endReason: ClosedTalk['endReason']): Partial<VisitContext> {
  return { talk: context.talk && { ...context.talk, endReason } };
}

function receiptOf(talkId: string, closed: ClosedTalk): VisitContext['receipt'] {
  return {
    talkId,
    startedAt: new Date(closed.startedAtMs).toISOString(),
    endedAt: new Date(closed.endedAtMs).toISOString(),
    chargedSeconds: closed.chargedSeconds,
    remainingSeconds: closed.remainingSeconds,
    settled: closed.settled,
    endReason: closed.endReason,
  };
}

const endedByCustomer = visitSetup.createAction(assign(({ context }) => because(context, 'customer')));

const preparing = visitSetup.createStateConfig({
  entry: assign(({ context: { talk } }) => ({
    talk: talk && { ...talk, leg: talk.leg + 1, room: null, activity: null, commands: [] },
  })),
  invoke: {
    src: 'startLeg',
    input: ({ context: { talk, visitId, locale } }) => {
      if (!talk || !visitId) throw new Error('a leg without a talk');
      const { talkId, leg, legLocale: formerLocale, remainingSeconds, history } = talk;
      return { visitId, talkId, leg, locale, formerLocale, remainingSeconds, history };
    },
    onDone: {
      target: 'joined',
      actions: assign(({ context: { talk, locale }, event }) => ({
        talk: talk && { ...talk, room: event.output, legLocale: locale },
      })),
    },
    onError: [
      {
        guard: ({ context }) => lastTry(context),
        target: '#closing',
        actions: assign(({ context }) => because(context, 'voice_lost')),
      },
      { target: 'backingOff', actions: assign(({ context }) => failed(context)) },
    ],
  },
});

const joined = visitSetup.createStateConfig({
  entry: assign(({ context: { talk } }) =>
    talk?.paused ? { talk: withCommand(talk, { kind: 'pause' }) } : {},
  ),
  on: {
    'link.healthy': {
      guard: ({ context, event }) => context.talk?.leg === event.leg && context.talk.failures > 0,
      actions: assign(({ context: { talk } }) => ({ talk: talk && { ...talk, failures: 0 } })),
    },
    'link.lost': [
      {
        guard: ({ context, event }) => context.talk?.leg === event.leg && !event.counts,
        target: 'preparing',
      },
      {
        guard: ({ context, event }) => context.talk?.leg === event.leg && lastTry(context),
        target: '#closing',
        actions: assign(({ context }) => because(context, 'agent_lost')),
      },
      {
        guard: ({ context, event }) => context.talk?.leg === event.leg,
        target: 'backingOff',
        actions: assign(({ context }) => failed(context)),
      },
    ],
  },
});

const running = visitSetup.createStateConfig({
  initial: 'preparing',
  on: {
    pause: {
      guard: ({ context }) => context.talk?.paused === false,
      actions: [
        'meterPause',
        assign(({ context: { talk } }) => ({
          talk: talk && withCommand({ ...talk, paused: true }, { kind: 'pause' }),
        })),
      ],
    },
    resume: {
      guard: ({ context }) => context.talk?.paused === true,
      actions: [
        'meterResume',
        assign(({ context: { talk } }) => ({
          talk: talk && withCommand({ ...talk, paused: false }, { kind: 'resume' }),
        })),
      ],
    },
    endTalk: { target: 'closing', actions: endedByCustomer },
    startOver: { target: 'closing', actions: endedByCustomer },
    finish: { target: 'closing', actions: endedByCustomer },
    'talk.leftAlone': { target: 'closing', actions: assign(({ context }) => because(context, 'silence')) },
    'meter.mustEnd': [
      {
        guard: ({ context, event }) =>
          context.talk?.talkId === event.talkId && (event.reason === 'time_up' || event.reason === 'silence'),
        target: 'goodbye',
        actions: assign(({ context, event }) => because(context, event.reason)),
      },
      {
        guard: ({ context, event }) => context.talk?.talkId === event.talkId,
        target: 'closing',
        actions: assign(({ context, event }) => because(context, event.reason)),
      },
    ],
    'meter.lowTime': {
      guard: ({ context, event }) => context.talk?.talkId === event.talkId,
      actions: assign(({ context: { talk }, event }) => ({
        talk: talk && withCommand(talk, { kind: 'lowTime', usableSeconds: event.usableSeconds }),
      })),
    },
    'meter.stillThere': {
      guard: ({ context, event }) => context.talk?.talkId === event.talkId,
      actions: assign(({ context: { talk } }) => ({
        talk: talk && withCommand(talk, { kind: 'stillThere' }),
      })),
    },
  },
  states: { preparing, joined, backingOff: { after: { legBackoff: 'preparing' } } },
});

/** The last words, uncharged: metering charges nothing after its `mustEnd`; the agent says goodbye. */
const goodbye = visitSetup.createStateConfig({
  entry: assign(({ context: { talk } }) => {
    if (!talk) return {};
    const reason = talk.endReason === 'silence' ? 'silence' : 'time_up';
    return { talk: withCommand(talk, { kind: 'goodbye', reason }) };
  }),
  on: { endTalk: 'closing', startOver: 'closing', finish: 'closing' },
  after: { [GOODBYE_MS]: 'closing' },
});

const closing = visitSetup.createStateConfig({
  id: 'closing',
  tags: ['busy'],
  on: { endTalk: {}, startOver: {}, finish: {} },
  invoke: {
    src: 'closeTalk',
    input: ({ context: { talk } }) => {
      if (!talk) throw new Error('closing without a talk');
      return { talkId: talk.talkId, reason: talk.endReason, legs: talk.leg };
    },
    onDone: {
      target: '#receipt',
      actions: assign(({ context: { talk, formerHistory }, event }) => ({
        receipt: talk && receiptOf(talk.talkId, event.output),
        formerHistory: talk?.history ?? formerHistory,
        talk: null,
      })),
    },
    onError: {
      target: '#ready',
      actions: assign(({ event }) => ({ talk: null, problem: problemOf(event.error) })),
    },
  },
});

const opening = visitSetup.createStateConfig({
  tags: ['busy'],
  // Leaving now would leave an account open that nobody closes; it takes a moment only.
  on: { endTalk: {}, startOver: {}, finish: {} },
  invoke: {
    src: 'openTalk',
    input: ({ context: { talk, visitId, wallet } }) => {
      if (!talk || !visitId || !wallet) throw new Error('a talk needs a visit and a wallet');
      return { talkId: talk.talkId, visitId, userId: wallet.userId };
    },
    onDone: {
      target: 'running',
      actions: assign(({ context: { talk }, event }) => ({
        talk: talk && { ...talk, remainingSeconds: event.output.remainingSeconds },
      })),
    },
    onError: {
      target: '#ready',
      actions: assign(({ event }) => ({ talk: null, problem: problemOf(event.error) })),
    },
  },
});

export const talkStates = visitSetup.createStateConfig({
  id: 'talk',
  type: 'parallel',
  entry: [{ type: 'enterScreen', params: { screen: 'talk' } }, 'announceScreen'],
  exit: raise({ type: 'pay.leave' }),
  on: {
    'meter.tick': {
      guard: ({ context, event }) => context.talk?.talkId === event.talkId,
      actions: assign(({ context: { talk }, event }) => ({
        talk: talk && {
          ...talk,
          meter: event.state,
          chargedSeconds: event.chargedSeconds,
          remainingSeconds: event.remainingSeconds,
        },
      })),
    },
    caption: {
      guard: ({ context, event }) => context.talk?.talkId === event.talkId,
      actions: assign(({ context: { talk }, event }) => ({
        talk: talk && { ...talk, history: withCaption(talk.history, event.caption, HISTORY_LIMIT) },
      })),
    },
    commandDone: {
      actions: assign(({ context: { talk }, event }) => ({
        talk: talk && { ...talk, commands: talk.commands.filter(({ id }) => id !== event.id) },
      })),
    },
    activity: {
      actions: assign(({ context: { talk }, event }) => ({
        talk: talk && { ...talk, activity: event.tool },
      })),
    },
  },
  states: {
    conversation: { initial: 'opening', states: { opening, running, goodbye, closing } },
    topUp: topUpStates,
  },
});
