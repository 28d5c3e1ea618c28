/**
 * Puts verified Stripe events into the database's inbox and wakes the worker; used by webhook and sweep alike. Events that
 * come while two calls are under way share the next one, so that a burst costs few commits instead of one each.
 */
import type Stripe from 'stripe';
import type { Events } from '../doors/database/events.ts';
import { RelayError } from '../model/errors.ts';
import type { WebhookWorker } from './webhook-worker.ts';

export interface EventInbox {
  /**
   * Stores the event durably. Answers false when it was there already.
   * @throws RelayError databaseUnavailable: nothing was stored, the sender must come again
   */
  store(event: Stripe.Event): Promise<boolean>;
}

interface Waiting {
  event: Stripe.Event;
  done(isNew: boolean): void;
  failed(error: unknown): void;
}

/** Most events in one call; with usual ones far below what the database's API takes. */
const MOST_AT_ONCE = 25;
/** So that one call is prepared while the database works on the other: a third more events a second than one (measured). */
const CALLS_AT_ONCE = 2;

export function createEventInbox(
  events: Pick<Events, 'store'>,
  worker: Pick<WebhookWorker, 'wake'>,
): EventInbox {
  const waiting: Waiting[] = [];
  let calls = 0;

  async function storeWaiting(): Promise<void> {
    if (calls === CALLS_AT_ONCE) return;
    calls += 1;
    while (waiting.length > 0) await storeTogether(waiting.splice(0, MOST_AT_ONCE));
    calls -= 1;
  }

  async function storeTogether(batch: readonly Waiting[]): Promise<void> {
    try {
      const answers = await events.store(batch.map(({ event }) => event));
      if (answers.some(({ processed }) => !processed)) worker.wake();
      batch.forEach((one, index) => void one.done(answers[index]?.stored ?? false));
    } catch (error) {
      // One that can't be stored must not keep the others out.
      const isOfOne = batch.length > 1 && !(error instanceof RelayError);
      if (isOfOne) for (const one of batch) await storeTogether([one]);
      else for (const one of batch) one.failed(error);
    }
  }

  return {
    store: (event) =>
      new Promise<boolean>((done, failed) => {
        waiting.push({ event, done, failed });
        void storeWaiting();
      }),
  };
}
