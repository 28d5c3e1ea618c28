/** /v1/terminal/readers and its test helper. https://docs.stripe.com/api/terminal/readers */
import type Stripe from 'stripe';
import { z } from 'zod';
import { isCardNumber } from '../core/cards.ts';
import { noSuch } from '../core/errors.ts';
import {
  cancelAction,
  createReader,
  presentCard,
  processIntent,
  shownIntentId,
} from '../core/terminal-reader.ts';
import { expand, flag, idText, metadata, text } from './params.ts';
import { findIntent } from './payment-intents.ts';
import { type ApiContext, type Route, route } from './route.ts';

const createParams = z.strictObject({
  expand,
  label: text.optional(),
  location: idText.optional(),
  metadata: metadata.optional(),
  registration_code: text,
});

const processParams = z.strictObject({
  expand,
  payment_intent: idText,
  process_config: z
    .strictObject({ enable_customer_cancellation: flag.optional(), skip_tipping: flag.optional() })
    .optional(),
});

const presentParams = z.strictObject({
  card_present: z
    .strictObject({ number: z.string().refine(isCardNumber, 'must be a card number').optional() })
    .optional(),
  expand,
  type: z.literal('card_present').optional(),
});

const onlyExpand = z.strictObject({ expand });
const DEFAULT_NUMBER = '4242424242424242';

export const terminalRoutes: Route[] = [
  route('POST', '/v1/terminal/readers', createParams, (context, params) => {
    const created = createReader(
      {
        registrationCode: params.registration_code,
        label: params.label ?? null,
        location: params.location ?? null,
        metadata: params.metadata ?? {},
      },
      context.moment,
    );
    context.apply(created.change);
    return created.reader;
  }),

  route('GET', '/v1/terminal/readers/:id', onlyExpand, (context, _, id) => findReader(context, id)),

  route('POST', '/v1/terminal/readers/:id/process_payment_intent', processParams, (context, params, id) => {
    const reader = findReader(context, id);
    const { intent } = findIntent(context, params.payment_intent, 'payment_intent', 400);
    const shown = processIntent(reader, intent);
    context.apply(shown.change);
    return shown.reader;
  }),

  route('POST', '/v1/terminal/readers/:id/cancel_action', onlyExpand, (context, _, id) => {
    const cancelled = cancelAction(findReader(context, id));
    context.apply(cancelled.change);
    return cancelled.reader;
  }),

  route(
    'POST',
    '/v1/test_helpers/terminal/readers/:id/present_payment_method',
    presentParams,
    (context, params, id) => {
      const reader = findReader(context, id);
      const record = findIntent(context, shownIntentId(reader), 'payment_intent', 400);
      const number = params.card_present?.number ?? DEFAULT_NUMBER;
      const finished = presentCard(reader, record, number, context.moment);
      context.apply(finished.change);
      return finished.reader;
    },
  ),
];

/** @throws StripeError resource_missing. */
export function findReader(context: ApiContext, id: string): Stripe.Terminal.Reader {
  const reader = context.store.get('reader', id);
  if (!reader) throw noSuch('terminal reader', id, 'reader');
  return reader;
}
