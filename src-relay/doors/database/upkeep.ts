/** What the database does from time to time, when it is asked. */

import { z } from 'zod';
import type { ProductClient } from '../../../src-runtime/supabase-client.ts';
import { call } from './client.ts';

const prunedSchema = z.object({
  usageHashes: z.number(),
  redeemAttempts: z.number(),
  enrolmentAttempts: z.number(),
  enrolmentCodes: z.number(),
  visitGrants: z.number(),
  memories: z.number(),
  webhookPayloads: z.number(),
  /** There is more of some kind: ask again. */
  isMore: z.boolean(),
});

export function createUpkeep(client: ProductClient) {
  return {
    /** How many cards were marked as expired. */
    cleanUpExpiredCards: () => call(client, 'cleanup_expired_time_cards', {}, z.number()),
    /** How many leases of silent kiosks were given back. */
    settleSilentLeases: () => call(client, 'settle_silent_leases', {}, z.number()),
    /** Throws away what is old, some rows of each kind; how many. `webhookPayloadDays` absent: as the database has it. */
    pruneOldData: (webhookPayloadDays: number | undefined) =>
      call(
        client,
        'prune_old_data',
        webhookPayloadDays === undefined ? {} : { webhookPayloadDays },
        prunedSchema,
      ),
  };
}
export type Upkeep = ReturnType<typeof createUpkeep>;
