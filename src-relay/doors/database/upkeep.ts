/** What the database does from time to time, when it is asked. */
import type { SupabaseClient } from '@supabase/supabase-js';
import { z } from 'zod';
import { call } from './client.ts';

export function createUpkeep(client: SupabaseClient) {
  return {
    /** How many cards were marked as expired. */
    cleanUpExpiredCards: () => call(client, 'cleanup_expired_time_cards', {}, z.number()),
    /** How many leases of silent kiosks were given back. */
    settleSilentLeases: () => call(client, 'settle_silent_leases', {}, z.number()),
  };
}
export type Upkeep = ReturnType<typeof createUpkeep>;
