/**
 * The region of the machine that pays: one purchase at a time, for the pay screen and for a top-up alike. Promise: a
 * purchase left unpaid, by whatever way, is cancelled.
 */
import { assign, raise } from 'xstate';
import type { Purchase } from '../../src-shared/relay-api.ts';
import { newPurchase, type VisitContext, withAnswer } from './context.ts';
import { problemOf } from './effects.ts';
import type { VisitEvent } from './events.ts';
import { POLL_INTERVAL_MS, visitSetup } from './machine-setup.ts';

/** Statuses in which the money can still come. */
const OPEN: ReadonlySet<string> = new Set(['creating', 'pending', 'processing']);
/** Statuses after which this purchase never gives a card. */
const OVER: ReadonlySet<string> = new Set(['failed', 'expired', 'refunded']);

function statusIn(context: VisitContext, statuses: ReadonlySet<string>): boolean {
  return context.purchase !== null && statuses.has(context.purchase.status);
}

/** Takes the relay's answer over; a decline is told while the customer may try again. */
function applied(context: VisitContext, answer: Purchase): Partial<VisitContext> {
  if (!context.purchase) return {};
  const declined = answer.lastPaymentError !== null && answer.status === 'pending';
  return {
    purchase: withAnswer(context.purchase, answer),
    problem: declined ? { code: 'payment_declined', detail: answer.lastPaymentError } : null,
  };
}

function ending(context: VisitContext): Partial<VisitContext> {
  const expired = context.purchase?.status === 'expired';
  const detail = context.purchase?.lastPaymentError ?? null;
  return { problem: { code: expired ? 'payment_expired' : 'payment_declined', detail }, purchase: null };
}

const cancelIfOpen = visitSetup.enqueueActions(({ context, enqueue }) => {
  const { purchase, visitId } = context;
  // Before the way is chosen the relay has heard of nothing.
  if (!purchase?.way || !visitId || !OPEN.has(purchase.status)) return;
  enqueue({ type: 'cancelPurchase', params: { purchaseId: purchase.purchaseId, visitId } });
  enqueue.assign({ purchase: null });
});

/**
 * The way that was chosen. The reader chosen again waits once more for the same purchase; another way has a purchase
 * of its own, and ends the one before it.
 */
const takeWay = visitSetup.enqueueActions(({ context: { purchase, visitId }, event, enqueue }) => {
  if (event.type !== 'chooseWay' || !purchase || !visitId) return;
  if (purchase.way === 'reader' && event.way === 'reader') {
    const again = { status: 'creating', reader: null, lastPaymentError: null } as const;
    enqueue.assign({ purchase: { ...purchase, ...again, attempt: purchase.attempt + 1 }, problem: null });
    return;
  }
  if (purchase.way) {
    enqueue({ type: 'cancelPurchase', params: { purchaseId: purchase.purchaseId, visitId } });
  }
  enqueue.assign({ purchase: newPurchase(event.purchaseId, purchase.package, event.way), problem: null });
});

/**
 * Another way instead, or the reader for another card: only once it has let go of the last one. The phone is the last
 * resort, and the card fields take another card by themselves.
 */
const chooseAgain = {
  guard: ({ context: { purchase }, event }: { context: VisitContext; event: VisitEvent }) => {
    if (purchase?.status !== 'pending' || event.type !== 'chooseWay') return false;
    return purchase.way === 'reader' || (purchase.way === 'here' && event.way !== 'here');
  },
  target: 'creating',
  actions: takeWay,
} as const;

/** The reader, or the card fields, could not be had: what was begun there is ended, and the customer chooses again. */
const choosingAgain = visitSetup.enqueueActions(({ context: { purchase, visitId }, enqueue }) => {
  if (!purchase || !visitId) return;
  enqueue({ type: 'cancelPurchase', params: { purchaseId: purchase.purchaseId, visitId } });
  enqueue.assign({ purchase: newPurchase(purchase.purchaseId, purchase.package, null) });
});

export const payingStates = visitSetup.createStateConfig({
  initial: 'deciding',
  states: {
    /** A visit that comes back after a restart of the station goes on with the purchase it had on its pay screen. */
    deciding: {
      always: [
        {
          guard: ({ context }) => context.screen === 'pay' && context.purchase?.status === 'creating',
          target: 'active',
        },
        {
          guard: ({ context }) => context.screen === 'pay' && statusIn(context, OPEN),
          target: 'active.waiting',
        },
        { target: 'none' },
      ],
    },
    none: { on: { 'pay.start': 'active' } },
    active: {
      initial: 'beginning',
      exit: cancelIfOpen,
      on: {
        'pay.leave': 'none',
        paidAfterAll: { guard: { type: 'screenIs', params: { screen: 'pay' } }, target: 'none' },
      },
      states: {
        beginning: {
          always: [
            { guard: ({ context }) => context.purchase?.way === null, target: 'choosing' },
            { target: 'creating' },
          ],
        },
        /** With the phone, at the card reader, or with a card typed here. */
        choosing: { on: { chooseWay: { target: 'creating', actions: takeWay } } },
        creating: {
          tags: ['busy'],
          invoke: {
            src: 'createPurchase',
            input: ({ context }) => {
              if (!context.purchase || !context.visitId) throw new Error('paying without a purchase');
              const { purchaseId, package: chosen, way, attempt } = context.purchase;
              const userId = context.wallet?.userId ?? null;
              return {
                purchaseId,
                package: chosen,
                visitId: context.visitId,
                userId,
                locale: context.locale,
                way: way ?? 'phone',
                attempt,
              };
            },
            onDone: {
              target: 'judging',
              actions: assign(({ context, event }) => applied(context, event.output)),
            },
            onError: [
              {
                guard: ({ context }) => context.purchase?.way !== 'phone',
                target: 'refused',
                actions: assign(({ event }) => ({ problem: problemOf(event.error) })),
              },
              {
                target: '#paying.none',
                actions: [
                  assign(({ event }) => ({ problem: problemOf(event.error) })),
                  raise({ type: 'pay.failed' }),
                ],
              },
            ],
          },
        },
        refused: { entry: choosingAgain, always: 'choosing' },
        judging: {
          always: [
            {
              guard: ({ context }) => context.purchase?.status === 'paid' && context.purchase.code !== null,
              target: '#paying.none',
              actions: raise({ type: 'pay.paid' }),
            },
            {
              guard: ({ context }) => statusIn(context, OVER),
              target: '#paying.none',
              actions: [assign(({ context }) => ending(context)), raise({ type: 'pay.failed' })],
            },
            { target: 'waiting' },
          ],
        },
        waiting: { after: { [POLL_INTERVAL_MS]: 'polling' }, on: { chooseWay: chooseAgain } },
        polling: {
          on: { chooseWay: chooseAgain },
          invoke: {
            src: 'pollPurchase',
            input: ({ context }) => {
              if (!context.purchase || !context.visitId) throw new Error('polling without a purchase');
              return { purchaseId: context.purchase.purchaseId, visitId: context.visitId };
            },
            onDone: {
              target: 'judging',
              actions: assign(({ context, event }) => applied(context, event.output)),
            },
            onError: {
              target: 'waiting',
              actions: assign(({ event }) => ({ problem: problemOf(event.error) })),
            },
          },
        },
      },
    },
  },
  id: 'paying',
});
