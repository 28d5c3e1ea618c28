/** A batch of paper cards as the database answers it, and what staff sees of it. */
import { z } from 'zod';
import { type CardBatch, cardBatchSchema } from '../../src-shared/relay-api.ts';
import type { CodeBook, NewCode } from './codes.ts';

/** What is told as it is stored comes from cardBatchSchema; the rest is the row's own. */
const cardSchema = cardBatchSchema.shape.cards.element;
export const cardBatchRowSchema = cardBatchSchema
  .pick({ batchId: true, note: true, createdAt: true })
  .extend({
    tierId: z.string(),
    /** As it was named when the cards were made. */
    tierName: z.string(),
    cards: z.array(
      cardSchema.pick({ cardId: true, status: true, priceCents: true, currency: true }).extend({
        paidSeconds: z.number().int(),
        bonusSeconds: z.number().int(),
        /** Null once the card was used or revoked. */
        codeNonce: z.string().nullable(),
        codeKeyId: z.string().nullable(),
      }),
    ),
  });
export type CardBatchRow = z.infer<typeof cardBatchRowSchema>;

export interface NewCardBatch extends Pick<CardBatchRow, 'batchId' | 'tierId' | 'note'> {
  cards: readonly NewCode[];
  /** Account of the member of staff who asked. */
  issuedBy: string;
}

/** The batch with the codes that nobody has used yet. */
export function viewOfBatch(row: CardBatchRow, codes: Pick<CodeBook, 'codeFor'>): CardBatch {
  const told = {
    ...row,
    packageId: row.tierId,
    name: row.tierName,
    cards: row.cards.map((card) => ({
      ...card,
      code: (card.codeNonce && card.codeKeyId && codes.codeFor(card.codeNonce, card.codeKeyId)) || null,
      totalSeconds: card.paidSeconds + card.bonusSeconds,
    })),
  } satisfies CardBatch;
  // Nothing of the row but what the schema names.
  return cardBatchSchema.parse(told);
}
