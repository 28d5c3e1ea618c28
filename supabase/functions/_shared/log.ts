/** Log lines of a function: JSON to the console, which Supabase keeps. No secret and no code is ever in a context. */
import type { Counters, Log } from '../../../src-relay/model/witnesses.ts';

function write(level: 'info' | 'warn' | 'error', context: object, message: string): void {
  const { err, ...rest } = context as { err?: unknown };
  const error = err instanceof Error ? { err: { name: err.name, message: err.message } } : {};
  console[level](JSON.stringify({ level, msg: message, ...rest, ...error }));
}

export const log: Log = {
  info: (context, message) => write('info', context, message),
  warn: (context, message) => write('warn', context, message),
  error: (context, message) => write('error', context, message),
};

/** Nobody reads counters of a function: it has no life between requests. */
const notCounted = { inc: () => undefined };
export const counters: Counters = {
  webhooks: notCounted,
  events: notCounted,
  settlements: notCounted,
  redemptions: notCounted,
};
