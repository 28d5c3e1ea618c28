/**
 * Settling a purchase: read its present state at Stripe, decide (settlement.ts), do it. The one way to a card, called
 * by webhook worker, polling, claim page and cancelling alike. Promise: may run any number of times, at once or again
 * after a crash; each effect happens once (the database functions are idempotent).
 */

import type { Purchases } from '../doors/database/purchases.ts';
import type { StripePayments } from '../doors/stripe/payments.ts';
import type { CodeBook } from '../model/codes.ts';
import { DatabaseConflict, DatabaseRefusal } from '../model/errors.ts';
import type { PurchaseRow } from '../model/purchase.ts';
import type { KnownIds } from '../model/stripe-events.ts';
import type { Counters, Log } from '../model/witnesses.ts';
import { type Action, decideSettlement } from './settlement.ts';

export type SettleSource = 'webhook' | 'poll' | 'claim' | 'cancel';

export interface SettlerNeeds {
  purchases: Pick<Purchases, 'fail' | 'fulfil' | 'get' | 'refund'>;
  stripe: Pick<StripePayments, 'readState'>;
  codes: Pick<CodeBook, 'newCode'>;
  metrics: Pick<Counters, 'settlements'>;
  log: Log;
}

/** Two codes of 60 bits collide about never; a bug in key handling would. */
const CODE_TRIES = 5;

export function createSettler(needs: SettlerNeeds) {
  const running = new Map<string, Promise<PurchaseRow>>();

  async function settle(row: PurchaseRow, source: SettleSource, known: KnownIds = {}): Promise<PurchaseRow> {
    const actions = decideSettlement(row, await needs.stripe.readState(row, known));
    let hasChanged = false;
    for (const action of actions) hasChanged = (await perform(needs, row, action, source)) || hasChanged;
    if (!hasChanged) return row;
    return (await needs.purchases.get(row.purchaseId)) ?? row;
  }

  return {
    /** Settles now. @throws RelayError when Stripe or the database is out of reach: try again later */
    settlePurchase: settle,
    /** Like settlePurchase, but callers at the same time share one reading: screens poll every two seconds. */
    settleShared(row: PurchaseRow, source: SettleSource): Promise<PurchaseRow> {
      const started = running.get(row.purchaseId);
      if (started) return started;
      const run = settle(row, source).finally(() => running.delete(row.purchaseId));
      running.set(row.purchaseId, run);
      return run;
    },
  };
}
export type Settler = ReturnType<typeof createSettler>;

/** Does one action; true when the row may have changed. */
async function perform(
  needs: SettlerNeeds,
  row: PurchaseRow,
  action: Action,
  source: SettleSource,
): Promise<boolean> {
  const { log, metrics, purchases } = needs;
  const context = { purchaseId: row.purchaseId, action: action.kind, source };
  switch (action.kind) {
    case 'fulfil': {
      const isFulfilled = await fulfil(needs, row, action);
      metrics.settlements.inc({ action: isFulfilled ? 'fulfil' : 'mismatch', source });
      if (isFulfilled) log.info(context, 'purchase fulfilled');
      else
        log.error(
          { ...context, paymentIntentId: action.paymentIntentId },
          'payment does not match its purchase',
        );
      return true;
    }
    case 'claw_back':
      await purchases.refund(action.paymentIntentId, action.refundId, action.amountCents, action.reason);
      log.info({ ...context, refundId: action.refundId, reason: action.reason }, 'unused time taken back');
      break;
    case 'note':
      await purchases.fail(row.purchaseId, action.status, action.message);
      log.info({ ...context, status: action.status }, 'purchase not paid');
      break;
    case 'refund_failed':
      log.error(
        { ...context, refundId: action.refundId },
        'a refund did not reach the customer: pay it another way; time that was taken for it stays taken',
      );
      metrics.settlements.inc({ action: 'refund_failed', source });
      return false;
    case 'mismatch':
      log.error({ ...context, reason: action.reason }, 'payment does not belong to its purchase');
      metrics.settlements.inc({ action: 'mismatch', source });
      return false;
  }
  metrics.settlements.inc({ action: action.kind, source });
  return true;
}

/** Makes the card; false when amount, currency or mode are not those of the purchase (the database keeps a record). */
async function fulfil(
  { purchases, codes }: SettlerNeeds,
  row: PurchaseRow,
  action: Extract<Action, { kind: 'fulfil' }>,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await purchases.fulfil(row.purchaseId, action, codes.newCode());
      return true;
    } catch (error) {
      if (error instanceof DatabaseRefusal && error.reason === 'payment_mismatch') return false;
      if (!(error instanceof DatabaseConflict) || attempt === CODE_TRIES) throw error;
    }
  }
}
