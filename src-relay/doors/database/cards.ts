/** Codes of cards, and cards sold on paper. */

import { z } from 'zod';
import type { ProductClient } from '../../../src-runtime/supabase-client.ts';
import { redeemResponseSchema } from '../../../src-shared/relay-api.ts';
import { cardBatchRowSchema, type NewCardBatch } from '../../model/card-batch.ts';
import { call } from './client.ts';
import { refusedCodeSchema } from './refused-code.ts';

const redeemAnswerSchema = z.discriminatedUnion('ok', [
  redeemResponseSchema.omit({ balance: true }).extend({ ok: z.literal(true) }),
  refusedCodeSchema,
]);

export function createCards(client: ProductClient) {
  return {
    /** Opens the wallet behind a code, by its look-ups under every key; a wrong one is counted. */
    redeem: (lookups: string[], kioskId: string, visitId: string, userId: string | null) =>
      call(client, 'redeem_code', { lookups, kioskId, visitId, userId }, redeemAnswerSchema),
    /** @throws DatabaseConflict when one of the code look-ups is taken: no card was made then */
    issueBatch: (batch: NewCardBatch) => call(client, 'issue_card_batch', { ...batch }, cardBatchRowSchema),
    getBatch: (batchId: string, askedBy: string) =>
      call(client, 'get_card_batch', { batchId, askedBy }, cardBatchRowSchema.nullable()),
  };
}
export type Cards = ReturnType<typeof createCards>;
