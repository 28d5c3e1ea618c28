/**
 * The one way to a client of Supabase, for the station, the relay, the Edge Functions and `doctor`. Promises: every
 * request ends in time, nothing is repeated behind the caller's back, and no session is kept on disk or refreshed in
 * the background.
 */
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import type { Database } from '../src-shared/database-types.ts';

/** A client that knows the tables and functions of the product. */
export type ProductClient = SupabaseClient<Database>;

export interface SupabaseClientOptions {
  /** Longest wait for one answer, in milliseconds; the request is then aborted and counts as unanswered. */
  timeoutMs?: number;
  /** Bearer token for data calls instead of the client's own sign-in. Such a client has no `.auth`. */
  accessToken?: () => Promise<string | null>;
}

/** Longest wait for one answer unless the caller says otherwise: somebody stands at the screen meanwhile. */
const REQUEST_TIMEOUT_MS = 5_000;

/**
 * A client for the project at `url` with one of its keys (anonymous, publishable, service role or secret). Sign-ins
 * made with it live in its memory only.
 */
export function createSupabaseClient(
  url: string,
  key: string,
  options: SupabaseClientOptions = {},
): ProductClient {
  const timeoutMs = options.timeoutMs ?? REQUEST_TIMEOUT_MS;
  const limitedFetch: typeof fetch = (input, init) => {
    const limit = AbortSignal.timeout(timeoutMs);
    return fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, limit]) : limit });
  };
  return createClient<Database>(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    // The client's own repetitions would outlast the deadline and hide from the caller that the database is away.
    db: { retry: false },
    global: { fetch: limitedFetch },
    ...(options.accessToken ? { accessToken: options.accessToken } : {}),
  });
}
