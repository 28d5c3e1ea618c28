/**
 * The card reader beside a kiosk, driven through Stripe (server-driven Terminal); card data never comes here.
 * Promises: every call that changes something has a key made from the stored purchase, and a payment of another
 * purchase is never touched.
 */
import Stripe from 'stripe';
import type { ReaderState } from '../../../src-shared/relay-api.ts';
import { refusals } from '../../model/errors.ts';
import type { PurchaseRow } from '../../model/purchase.ts';
import { guarded, idOf } from './client.ts';

/** Which reader stands beside which kiosk: another kiosk's customer must not light it up. */
export interface CardReaders {
  /** Undefined where there is none. */
  beside(kioskId: string | null): CardReader | undefined;
}

/**
 * @param readerIds ids of readers (tmr_…) by the id of the kiosk that each stands beside
 * @param sandboxUrl address of the sandbox, which has a page for its simulated readers; empty with Stripe itself
 */
export function createCardReaders(
  stripe: Stripe,
  readerIds: Readonly<Record<string, string>>,
  sandboxUrl: string,
): CardReaders {
  const readers = new Map(
    Object.entries(readerIds).map(([kioskId, id]) => [kioskId, createCardReader(stripe, id, sandboxUrl)]),
  );
  return { beside: (kioskId) => (kioskId === null ? undefined : readers.get(kioskId)) };
}

const OUT_OF_REACH: ReadonlySet<string> = new Set(['terminal_reader_offline', 'terminal_reader_timeout']);

export function createCardReader(stripe: Stripe, readerId: string, sandboxUrl: string) {
  async function read(): Promise<Stripe.Terminal.Reader> {
    const reader = await guarded(stripe.terminal.readers.retrieve(readerId));
    // Removed from the account: as good as switched off.
    if ('deleted' in reader) throw refusals.readerUnavailable();
    return reader;
  }

  /** The payment that the reader waits for, whosever it is. */
  async function shownIntentId(): Promise<string | null> {
    return intentWaitingOn(await read());
  }

  return {
    /** Where a test card is held to the simulated reader. */
    pageUrl: sandboxUrl === '' ? null : `${sandboxUrl}/terminal/${readerId}`,
    shownIntentId,
    /**
     * Makes the reader wait for a card. `step` tells one call of a purchase from the next: the same one is the same
     * call. Answers false when the reader is busy or when the payment is over already.
     * @throws RelayError readerUnavailable
     */
    show: async (intentId: string, purchaseId: string, step: string): Promise<boolean> => {
      try {
        await stripe.terminal.readers.processPaymentIntent(
          readerId,
          { payment_intent: intentId },
          { idempotencyKey: `${purchaseId}:reader:${step}` },
        );
        return true;
      } catch (error) {
        if (!(error instanceof Stripe.errors.StripeInvalidRequestError))
          return guarded(Promise.reject(error));
        if (OUT_OF_REACH.has(error.code ?? '')) throw refusals.readerUnavailable();
        return false;
      }
    },
    /** Takes the purchase off the reader when it is what the reader shows. The payment itself stays as it is. */
    clear: async (row: PurchaseRow): Promise<void> => {
      if ((await shownIntentId()) !== row.paymentIntentId) return;
      try {
        const key = { idempotencyKey: `${row.purchaseId}:reader-clear` };
        await stripe.terminal.readers.cancelAction(readerId, {}, key);
      } catch (error) {
        // A card is being read, or the reader is gone: ending the payment decides, and its state is read after that.
        if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) await guarded(Promise.reject(error));
      }
    },
    /** What the reader does about the payment of a purchase. */
    stateFor: async (intentId: string): Promise<ReaderState> => {
      const reader = await read();
      if (reader.status === 'offline') return 'offline';
      return intentWaitingOn(reader) === intentId ? 'waiting' : 'idle';
    },
    /** @throws when the reader is offline or unknown */
    probe: async (): Promise<void> => {
      if ((await read()).status === 'offline') throw refusals.readerUnavailable();
    },
  };
}
export type CardReader = ReturnType<typeof createCardReader>;

function intentWaitingOn({ action }: Stripe.Terminal.Reader): string | null {
  const intent = action?.status === 'in_progress' ? action.process_payment_intent?.payment_intent : null;
  return idOf(intent);
}
