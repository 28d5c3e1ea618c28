/** Puts a verified Stripe event into the database's inbox and wakes the worker; used by webhook and sweep alike. */
import type Stripe from 'stripe';
import type { Database } from './database.ts';
import type { WebhookWorker } from './webhook-worker.ts';

export interface EventInbox {
  /**
   * Stores the event durably. Answers false when it was there already.
   * @throws RelayError databaseUnavailable: nothing was stored, the sender must come again
   */
  store(event: Stripe.Event): Promise<boolean>;
}

export function createEventInbox(database: Database, worker: Pick<WebhookWorker, 'wake'>): EventInbox {
  return {
    store: async (event) => {
      const { stored, processed } = await database.storeWebhookEvent({
        id: event.id,
        type: event.type,
        created: new Date(event.created * 1000).toISOString(),
        livemode: event.livemode,
        payload: event,
      });
      if (!processed) worker.wake();
      return stored;
    },
  };
}
