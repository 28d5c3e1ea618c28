/**
 * How this process makes supabase-js clients: no session on disk, no refreshing in the background, no URL parsing,
 * and a time limit on every request.
 */
import { createClient, type SupabaseClient } from '@supabase/supabase-js';

export interface SupabaseClientOptions {
  /** Longest wait for an answer; the request is then aborted and counts as unreachable. */
  timeoutMs?: number;
  /** Bearer token for data calls instead of the client's own sign-in. Such a client has no `.auth`. */
  accessToken?: () => Promise<string | null>;
}

/** Default time limit of one request to Supabase. */
export const REQUEST_TIMEOUT_MS = 5_000;

/** A client for `url` with the anonymous key. Sign-ins made with it live in its memory only. */
export function createSupabaseClient(
  url: string,
  anonKey: string,
  options: SupabaseClientOptions = {},
): SupabaseClient {
  const timeoutMs = options.timeoutMs ?? REQUEST_TIMEOUT_MS;
  const limitedFetch: typeof fetch = (input, init) => {
    const limit = AbortSignal.timeout(timeoutMs);
    return fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, limit]) : limit });
  };
  return createClient(url, anonKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: { fetch: limitedFetch },
    ...(options.accessToken ? { accessToken: options.accessToken } : {}),
  });
}
