/** The station's way to Supabase as the kiosk's device account. */
export { type MeteringDatabase, SupabaseDoor } from './door.ts';
export type { DoorError, DoorResult } from './errors.ts';
