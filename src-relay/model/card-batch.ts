/** A batch of paper cards as the database answers it, and what staff sees of it. */
import { z } from 'zod';
import { type CardBatch, cardBatchSchema } from '../../src-shared/relay-api.ts';
import type { CodeBook } from './codes.ts';

export const cardBatchRowSchema = z.object({
  batchId: z.uuid(),
  tierId: z.string(),
  /** As it was named when the cards were made. */
  tierName: z.string(),
  note: z.string(),
  createdAt: z.string(),
  cards: z.array(
    z.object({
      cardId: z.uuid(),
      status: cardBatchSchema.shape.cards.element.shape.status,
      paidSeconds: z.number().int(),
      bonusSeconds: z.number().int(),
      priceCents: z.number().int(),
      currency: z.string(),
      /** Null once the card was used or revoked. */
      codeNonce: z.string().nullable(),
      codeKeyId: z.string().nullable(),
    }),
  ),
});
export type CardBatchRow = z.infer<typeof cardBatchRowSchema>;

/** The batch with the codes that nobody has used yet. */
export function viewOfBatch(row: CardBatchRow, codes: CodeBook): CardBatch {
  return {
    batchId: row.batchId,
    packageId: row.tierId,
    name: row.tierName,
    note: row.note,
    createdAt: row.createdAt,
    cards: row.cards.map((card) => ({
      cardId: card.cardId,
      status: card.status,
      code: (card.codeNonce && card.codeKeyId && codes.codeFor(card.codeNonce, card.codeKeyId)) || null,
      totalSeconds: card.paidSeconds + card.bonusSeconds,
      priceCents: card.priceCents,
      currency: card.currency,
    })),
  };
}
