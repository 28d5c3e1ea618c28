/** Stripe's own list of events. */
import type Stripe from 'stripe';
import { guarded } from './client.ts';

export function createStripeEvents(stripe: Stripe) {
  return {
    /** Events of these types since `sinceSeconds` (since 1970), oldest first. */
    listEvents: async (types: string[], sinceSeconds: number): Promise<Stripe.Event[]> => {
      const events: Stripe.Event[] = [];
      const pages = stripe.events.list({ types, created: { gte: sinceSeconds }, limit: 100 });
      await guarded(
        (async () => {
          for await (const event of pages) events.push(event);
        })(),
      );
      return events.reverse();
    },
    /** A cheap call that shows whether Stripe is there and the key is good. */
    probe: async () => {
      await guarded(stripe.events.list({ limit: 1 }));
    },
  };
}
export type StripeEvents = ReturnType<typeof createStripeEvents>;
