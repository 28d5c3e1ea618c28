/**
 * The region of the machine that pays: one purchase at a time, for the pay screen and for a top-up alike. Promise: a
 * purchase left unpaid, by whatever way, is cancelled.
 */
import { assign, raise } from 'xstate';
import type { Purchase } from '../../src-shared/relay-api.ts';
import { type VisitContext, withAnswer } from './context.ts';
import { problemOf } from './effects.ts';
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
  if (!purchase || !visitId || !OPEN.has(purchase.status)) return;
  enqueue({ type: 'cancelPurchase', params: { purchaseId: purchase.purchaseId, visitId } });
  enqueue.assign({ purchase: null });
});

export const payingStates = visitSetup.createStateConfig({
  initial: 'deciding',
  states: {
    /** A visit that comes back after a restart of the station goes on with the purchase it had on its pay screen. */
    deciding: {
      always: [
        {
          guard: ({ context }) => context.screen === 'pay' && context.purchase?.status === 'creating',
          target: 'active.creating',
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
      initial: 'creating',
      exit: cancelIfOpen,
      on: { 'pay.leave': 'none' },
      states: {
        creating: {
          tags: ['busy'],
          invoke: {
            src: 'createPurchase',
            input: ({ context }) => {
              if (!context.purchase || !context.visitId) throw new Error('paying without a purchase');
              const { purchaseId, package: chosen } = context.purchase;
              const userId = context.wallet?.userId ?? null;
              return {
                purchaseId,
                package: chosen,
                visitId: context.visitId,
                userId,
                locale: context.locale,
              };
            },
            onDone: {
              target: 'judging',
              actions: assign(({ context, event }) => applied(context, event.output)),
            },
            onError: {
              target: '#paying.none',
              actions: [
                assign(({ event }) => ({ problem: problemOf(event.error) })),
                raise({ type: 'pay.failed' }),
              ],
            },
          },
        },
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
        waiting: { after: { [POLL_INTERVAL_MS]: 'polling' } },
        polling: {
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
