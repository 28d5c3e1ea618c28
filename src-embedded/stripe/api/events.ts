/** /v1/events. https://docs.stripe.com/api/events */
import { z } from 'zod';
import { invalidRequest, noSuch } from '../core/errors.ts';
import { UnknownCursor } from '../store/events.ts';
import { expand, flag, idText, list, unixSeconds, whole } from './params.ts';
import { type Route, route } from './route.ts';

const DEFAULT_LIMIT = 10;
const DAYS_LISTED = 30;
const SECONDS_PER_DAY = 86_400;

const bounds = z.strictObject({
  gt: unixSeconds.optional(),
  gte: unixSeconds.optional(),
  lt: unixSeconds.optional(),
  lte: unixSeconds.optional(),
});

const listParams = z.strictObject({
  created: z.union([unixSeconds, bounds]).optional(),
  delivery_success: flag.optional(),
  ending_before: idText.optional(),
  expand,
  limit: whole(1, 100).optional(),
  starting_after: idText.optional(),
  type: z.string().max(100).optional(),
  types: list(z.string().max(100))
    .refine((types) => types.length <= 20, 'can have up to 20 types')
    .optional(),
});

type ListParams = z.output<typeof listParams>;

export const eventRoutes: Route[] = [
  route('GET', '/v1/events', listParams, (context, params) => {
    if (params.type !== undefined && params.types) {
      throw invalidRequest('Give either type or types.', { code: 'parameters_exclusive', param: 'type' });
    }
    if (params.starting_after !== undefined && params.ending_before !== undefined) {
      throw invalidRequest('Give either starting_after or ending_before.', {
        code: 'parameters_exclusive',
        param: 'starting_after',
      });
    }
    const { from, to } = createdBounds(params.created, context.moment.nowSeconds);
    try {
      const { data, hasMore } = context.store.events.list({
        types: params.types ?? (params.type === undefined ? [] : [params.type]),
        createdFrom: from,
        createdTo: to,
        startingAfter: params.starting_after ?? null,
        endingBefore: params.ending_before ?? null,
        deliverySuccess: params.delivery_success ?? null,
        limit: params.limit ?? DEFAULT_LIMIT,
      });
      return { object: 'list', data, has_more: hasMore, url: '/v1/events' };
    } catch (error) {
      if (!(error instanceof UnknownCursor)) throw error;
      throw noSuch(
        'event',
        error.id,
        params.ending_before === undefined ? 'starting_after' : 'ending_before',
        400,
      );
    }
  }),

  route('GET', '/v1/events/:id', z.strictObject({ expand }), (context, _, id) => {
    const event = context.store.events.get(id);
    if (!event) throw noSuch('event', id);
    return event;
  }),
];

/** Inclusive bounds in Unix seconds; never older than what Stripe lists. */
function createdBounds(created: ListParams['created'], nowSeconds: number): { from: number; to: number } {
  const oldest = nowSeconds - DAYS_LISTED * SECONDS_PER_DAY;
  if (typeof created === 'number') return { from: created, to: created };
  const from = Math.max(created?.gte ?? 0, (created?.gt ?? -1) + 1, oldest);
  const to = Math.min(created?.lte ?? Number.MAX_SAFE_INTEGER, (created?.lt ?? Number.MAX_SAFE_INTEGER) - 1);
  return { from, to };
}
