/** The station's way to Supabase; nothing else in the station imports supabase-js. */
export { createSupabaseClient } from './client.ts';
export { type KioskAccount, kioskAccountSchema, type MeteringDatabase, SupabaseDoor } from './door.ts';
export type { DatabaseRefusal, DoorError, DoorResult } from './errors.ts';
