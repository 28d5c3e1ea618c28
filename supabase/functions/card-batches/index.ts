/** card-batches/…: cards sold on paper, for staff: the relay's POST /card-batches and GET /card-batches/:id/sheet. */
import { z } from 'zod';
import { issueCardBatch, readCardBatch } from '../../../src-relay/cards/card-batches.ts';
import { staffOf } from '../../../src-relay/model/callers.ts';
import { renderCardSheet, SHEET_HEADERS } from '../../../src-relay/pages/card-sheet.ts';
import { createCardBatchRequestSchema } from '../../../src-shared/relay-api.ts';
import { parts } from '../_shared/parts.ts';
import { bodyAs, checked, serveFunction } from '../_shared/serve.ts';

serveFunction('card-batches', '/card-batches', {
  'POST /card-batches': (call) =>
    issueCardBatch(parts, staffOf(call.credentials).authUserId, bodyAs(createCardBatchRequestSchema, call)),
  'GET /card-batches/:id/sheet': async ({ credentials, params }) => {
    const batchId = checked(z.uuid(), params['id'], 'params.id');
    const batch = await readCardBatch(parts, staffOf(credentials).authUserId, batchId);
    return new Response(renderCardSheet(batch), { headers: SHEET_HEADERS });
  },
});
