/**
 * Buying more time while the talk goes on. Promise: a card paid for here is either redeemed into the wallet of the
 * talk, or its code is shown on the receipt.
 */
import { assign, raise } from 'xstate';
import { withCommand } from './context.ts';
import { REDEEM_RETRY_MS, visitSetup } from './machine-setup.ts';

/** Hides the overlay; what is under way goes on behind it. */
const hide = visitSetup.createAction(
  assign(({ context: { talk } }) => ({ talk: talk && { ...talk, topUp: null } })),
);

export const topUpStates = visitSetup.createStateConfig({
  initial: 'closed',
  states: {
    closed: {
      entry: [hide, { type: 'meterPaymentPending', params: { pending: false } }],
      on: { openTopUp: 'packages' },
    },
    packages: {
      entry: [
        { type: 'setTalk', params: { change: { topUp: 'packages' } } },
        { type: 'meterPaymentPending', params: { pending: false } },
      ],
      on: {
        choosePackage: { target: 'pay', actions: 'rememberChoice' },
        closeTopUp: 'closed',
        back: 'closed',
      },
    },
    pay: {
      entry: [
        { type: 'setTalk', params: { change: { topUp: 'pay' } } },
        { type: 'meterPaymentPending', params: { pending: true } },
        raise({ type: 'pay.start' }),
      ],
      exit: raise({ type: 'pay.leave' }),
      on: { 'pay.paid': 'redeeming', 'pay.failed': 'packages', closeTopUp: 'closed', back: 'packages' },
    },
    redeeming: {
      on: { closeTopUp: { actions: hide }, back: { actions: hide } },
      invoke: {
        src: 'redeem',
        input: ({ context: { purchase, visitId, wallet } }) => {
          if (!purchase?.code || !visitId || !wallet) throw new Error('a top-up needs a paid purchase');
          return { code: purchase.code, visitId, userId: wallet.userId };
        },
        onDone: {
          target: 'closed',
          actions: [
            'meterRefresh',
            assign(({ context: { talk, purchase }, event }) => {
              const bought = purchase ? purchase.package.paidSeconds + purchase.package.bonusSeconds : 0;
              const remainingSeconds = (talk?.remainingSeconds ?? 0) + bought;
              return {
                wallet: event.output,
                purchase: null,
                problem: null,
                talk: talk && withCommand(talk, { kind: 'toppedUp', remainingSeconds }),
              };
            }),
          ],
        },
        onError: {
          target: 'retrying',
          // Should the talk end before it works, the receipt shows this code.
          actions: assign(({ context }) => ({ code: context.purchase?.code ?? context.code })),
        },
      },
    },
    retrying: {
      on: { closeTopUp: { actions: hide }, back: { actions: hide } },
      after: { [REDEEM_RETRY_MS]: 'redeeming' },
    },
  },
});
