/** Cards sold on paper, for staff: POST /card-batches, GET /card-batches/:id/sheet. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { cardBatchSchema, createCardBatchRequestSchema } from '../../src-shared/relay-api.ts';
import {
  type IssueNeeds,
  issueCardBatch,
  type ReadBatchNeeds,
  readCardBatch,
} from '../cards/card-batches.ts';
import { staffOf } from '../model/callers.ts';
import { withErrors } from '../model/errors.ts';
import { renderCardSheet, SHEET_HEADERS } from '../pages/card-sheet.ts';

/** Each is up to 500 codes: more than that is no office work. */
const BATCHES = { rateLimit: { max: 20, timeWindow: '1 minute' } };

export function registerCardBatchRoutes(app: FastifyInstance, needs: IssueNeeds & ReadBatchNeeds): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.post(
    '/card-batches',
    {
      config: BATCHES,
      schema: {
        summary: 'Issue cards to be sold on paper',
        body: createCardBatchRequestSchema,
        response: withErrors(cardBatchSchema),
      },
    },
    ({ body, credentials }) => issueCardBatch(needs, staffOf(credentials).authUserId, body),
  );

  routes.get(
    '/card-batches/:id/sheet',
    {
      config: BATCHES,
      schema: { summary: 'The unused cards of a batch, to print', params: z.object({ id: z.uuid() }) },
    },
    async ({ params, credentials }, reply) => {
      const batch = await readCardBatch(needs, staffOf(credentials).authUserId, params.id);
      return reply.headers(SHEET_HEADERS).send(renderCardSheet(batch));
    },
  );
}
