/** The inbox of Stripe's events, and how far Stripe's own list of them has been read. */

import type Stripe from 'stripe';
import { z } from 'zod';
import type { ProductClient } from '../../../src-runtime/supabase-client.ts';
import { call, nothing, rowsOf } from './client.ts';

const storedEventSchema = z.object({ stored: z.boolean(), processed: z.boolean() });

const inboxEventSchema = z.object({ eventId: z.string(), type: z.string(), payload: z.unknown() });
export type InboxEvent = z.infer<typeof inboxEventSchema>;

const inboxStateSchema = z.object({ waiting: z.number(), setAside: z.number() });
export type InboxState = z.infer<typeof inboxStateSchema>;

export function createEvents(client: ProductClient) {
  return {
    /** All of them or none; one answer each, in order. */
    store: async (given: readonly Stripe.Event[]) => {
      const events = given.map((event) => ({
        eventId: event.id,
        type: event.type,
        created: new Date(event.created * 1000).toISOString(),
        livemode: event.livemode,
        payload: event,
      }));
      const answers = await call(client, 'store_webhook_events', { events }, z.array(storedEventSchema));
      if (answers.length !== events.length) throw new Error('store_webhook_events answered something else');
      return answers;
    },
    /**
     * Worked off (null), or to be tried again later. Ten errors set an event aside for a person, not counting those of
     * an outage (`isOutage`: the database or Stripe was out of reach), which say nothing about the event.
     */
    finish: (eventId: string, error: string | null, isOutage = false) =>
      call(client, 'finish_webhook_event', { eventId, error, isOutage }, z.object({ setAside: z.boolean() })),
    /** How many events wait, due or not, and how many were set aside. */
    state: () => call(client, 'webhook_inbox_state', {}, inboxStateSchema),
    /** Those that are due now, oldest first. */
    pending: (limit: number) => call(client, 'pending_webhook_events', { limit }, z.array(inboxEventSchema)),
    /** Time of the newest event in the inbox, seconds since 1970. */
    newestSeconds: async (): Promise<number | undefined> => {
      const rows = client.from('webhook_inbox').select('created').order('created', { ascending: false });
      const data = rowsOf(await rows.limit(1), 'webhook_inbox');
      const [newest] = z.array(z.object({ created: z.string() })).parse(data);
      return newest && Math.floor(Date.parse(newest.created) / 1000);
    },
    /** Seconds since 1970; undefined where no sweep has ended yet. `account` names a Stripe key. */
    sweepCursor: async (account: string): Promise<number | undefined> => {
      const row = client.from('sweep_cursors').select('seconds').eq('account', account).maybeSingle();
      const data = rowsOf(await row, 'sweep_cursors');
      return z.object({ seconds: z.number() }).nullable().parse(data)?.seconds;
    },
    advanceSweepCursor: (account: string, seconds: number) =>
      call(client, 'advance_sweep_cursor', { account, seconds }, nothing),
  };
}
export type Events = ReturnType<typeof createEvents>;
