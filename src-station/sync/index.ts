/** Sending the usage log to the server. */
export { UsageSync } from './usage-sync.ts';
