/** The station's durable store. */
export { StoreWriteError } from './errors.ts';
export type { LeaseRecord } from './lease-book.ts';
export type { ParkedRow } from './store-notes.ts';
export { type OpenTalk, type UsageEntry, UsageStore } from './usage-store.ts';
