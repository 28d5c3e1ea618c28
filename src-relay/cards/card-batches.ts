/** Issuing cards to be sold on paper: the database makes them once per batch, the codes come from the keys held here. */
import type { z } from 'zod';
import type { CardBatch, createCardBatchRequestSchema } from '../../src-shared/relay-api.ts';
import type { Cards } from '../doors/database/cards.ts';
import { viewOfBatch } from '../model/card-batch.ts';
import type { CodeBook } from '../model/codes.ts';
import { DatabaseConflict, refusals } from '../model/errors.ts';
import type { Log } from '../model/witnesses.ts';

/** Two codes of 60 bits collide about never; a bug in key handling would. */
const CODE_TRIES = 5;

export interface IssueNeeds {
  codes: Pick<CodeBook, 'codeFor' | 'newCode'>;
  cards: Pick<Cards, 'issueBatch'>;
  log: Log;
}

/** POST /card-batches. Asked again with the same id it answers the cards of the first time. */
export async function issueCardBatch(
  { codes, cards, log }: IssueNeeds,
  staffId: string,
  request: z.infer<typeof createCardBatchRequestSchema>,
): Promise<CardBatch> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const row = await cards.issueBatch({
        batchId: request.batchId,
        tierId: request.packageId,
        cards: Array.from({ length: request.count }, () => codes.newCode()),
        note: request.note,
        issuedBy: staffId,
      });
      log.info({ batchId: row.batchId, cards: row.cards.length, staffId }, 'batch of cards issued');
      return viewOfBatch(row, codes);
    } catch (error) {
      if (!(error instanceof DatabaseConflict) || attempt === CODE_TRIES) throw error;
    }
  }
}

export interface ReadBatchNeeds {
  codes: Pick<CodeBook, 'codeFor'>;
  cards: Pick<Cards, 'getBatch'>;
}

/** GET /card-batches/:id/sheet. @throws RelayError batchUnknown */
export async function readCardBatch(
  { codes, cards }: ReadBatchNeeds,
  staffId: string,
  batchId: string,
): Promise<CardBatch> {
  const row = await cards.getBatch(batchId, staffId);
  if (!row) throw refusals.batchUnknown();
  return viewOfBatch(row, codes);
}
