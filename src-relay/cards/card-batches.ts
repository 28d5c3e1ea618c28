/** Issuing cards to be sold on paper: the database makes them once per batch, the codes come from the keys held here. */
import type { z } from 'zod';
import type { CardBatch, createCardBatchRequestSchema } from '../../src-shared/relay-api.ts';
import type { Database } from '../doors/database/database.ts';
import { viewOfBatch } from '../model/card-batch.ts';
import { DatabaseConflict, refusals } from '../model/errors.ts';
import type { Log } from '../model/witnesses.ts';
import type { RelayParts } from '../routes/parts.ts';

/** Two codes of 60 bits collide about never; a bug in key handling would. */
const CODE_TRIES = 5;

interface BatchParts extends Pick<RelayParts, 'codes'> {
  log: Log;
  database: Pick<Database, 'getCardBatch' | 'issueCardBatch'>;
}

/** POST /card-batches. Asked again with the same id it answers the cards of the first time. */
export async function issueCardBatch(
  { codes, database, log }: BatchParts,
  staffId: string,
  request: z.infer<typeof createCardBatchRequestSchema>,
): Promise<CardBatch> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const row = await database.issueCardBatch({
        batchId: request.batchId,
        tierId: request.packageId,
        codes: Array.from({ length: request.count }, () => codes.newCode()),
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

/** GET /card-batches/:id/sheet. @throws RelayError batchUnknown */
export async function readCardBatch(
  { codes, database }: BatchParts,
  staffId: string,
  batchId: string,
): Promise<CardBatch> {
  const row = await database.getCardBatch(batchId, staffId);
  if (!row) throw refusals.batchUnknown();
  return viewOfBatch(row, codes);
}
