/**
 * The simulated card reader as a page, /terminal/tmr_…: what its display shows, and test cards to hold to it. It stands
 * in for a person with a card, so it exists for test payments only, like everything here.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type Stripe from 'stripe';
import { z } from 'zod';
import type { Cause } from '../core/event.ts';
import type { Moment } from '../core/moment.ts';
import type { IntentRecord } from '../core/records.ts';
import { createReader, presentCard } from '../core/terminal-reader.ts';
import type { Store } from '../store/store.ts';
import { readerPage, statePage } from './pages.ts';
import { formOf, languageOf, send } from './routes.ts';

export interface ReaderPageOptions {
  store: Store;
  moment(): Moment;
  /** Called after something changed. */
  changed(): void;
}

const BY_PERSON: Cause = { id: null, idempotency_key: null };
const idParams = z.object({ id: z.string().max(100) });
/** What a person may hold to the reader. */
const cardForm = z.object({ number: z.enum(['4242424242424242', '4000000000000002', '4000000000009995']) });

/** Makes sure that the simulated reader exists; it keeps its state over restarts. */
export function ensureReader(store: Store, id: string, moment: Moment): void {
  if (store.get('reader', id)) return;
  const input = { id, registrationCode: 'simulated-s700', label: null, location: null, metadata: {} };
  store.apply(createReader(input, moment).change, BY_PERSON, moment);
}

export function registerReaderPage(server: FastifyInstance, options: ReaderPageOptions): void {
  const { store } = options;

  function show(request: FastifyRequest, reply: FastifyReply, status: number): FastifyReply {
    const language = languageOf(request, null);
    const reader = store.get('reader', idParams.parse(request.params).id);
    if (!reader) return send(reply, 404, statePage('unknown', language));
    return send(reply, status, readerPage(shownOn(store, reader)?.intent ?? null, reader.action, language));
  }

  server.get('/terminal/:id', (request, reply) => show(request, reply, 200));

  server.post('/terminal/:id', (request, reply) => {
    const { id } = idParams.parse(request.params);
    const card = cardForm.safeParse(formOf(request));
    if (!card.success) return show(request, reply, 422);
    const wasTaken = store.transaction(() => {
      const reader = store.get('reader', id);
      const record = reader && shownOn(store, reader);
      if (!reader || !record) return false;
      const moment = options.moment();
      store.apply(presentCard(reader, record, card.data.number, moment).change, BY_PERSON, moment);
      return true;
    });
    options.changed();
    return wasTaken ? reply.redirect(`/terminal/${id}`, 303) : show(request, reply, 409);
  });
}

/** The payment for which the reader waits for a card. */
function shownOn(store: Store, { action }: Stripe.Terminal.Reader): IntentRecord | undefined {
  if (action?.status !== 'in_progress') return undefined;
  const id = action.process_payment_intent?.payment_intent;
  return typeof id === 'string' ? store.get('payment_intent', id) : undefined;
}
