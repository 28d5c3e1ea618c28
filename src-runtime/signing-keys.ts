/**
 * Whether a Supabase project signs its sign-in tokens so that others can check them. The relay and the Edge Functions
 * believe only asymmetric signatures (a public key must never be taken for a shared secret); a project that still signs
 * with its old shared secret (HS256) lets every kiosk sign in, and then each of its calls is refused. Promise: such a
 * project is told from one that can't be reached, in words that say how to mend it.
 */
import { decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { parseJson } from '../src-shared/parse-json.ts';

/** The signatures that are believed. */
export const SIGNATURE_ALGORITHMS: readonly string[] = ['ES256', 'RS256', 'EdDSA'];

/** How an operator mends it; one sentence for each way to run Supabase. */
export const SIGNING_KEYS_REMEDY =
  'In the Supabase dashboard: Project Settings → JWT Keys → migrate the JWT secret, then rotate to the new (ES256) key. Self-hosted: sh utils/add-new-auth-keys.sh --update-env, then start the stack again';

/** Longest wait for the list of public keys, in milliseconds. */
const TIMEOUT_MS = 5_000;

const keySetSchema = z.object({
  keys: z.array(z.object({ kty: z.string(), alg: z.string().optional(), crv: z.string().optional() })),
});

/** Where a project publishes the keys that its tokens are checked with. */
export function keySetUrl(supabaseUrl: string): string {
  return `${supabaseUrl.replace(/\/+$/, '')}/auth/v1/.well-known/jwks.json`;
}

/** The project answered, and its tokens can't be checked; the message says why and what to do. */
export class UnusableSigningKeysError extends Error {
  /** Without the remedy. */
  readonly why: string;

  constructor(cause: string) {
    const why = `${cause}, so that no kiosk’s sign-in can be checked`;
    super(`${why}. ${SIGNING_KEYS_REMEDY}`);
    this.name = 'UnusableSigningKeysError';
    this.why = why;
  }
}

/**
 * Resolves when the project publishes a key that its tokens can be checked with.
 * @throws UnusableSigningKeysError when it publishes none
 * @throws Error when it gives no good answer in time
 */
export async function requireSigningKeys(supabaseUrl: string, timeoutMs = TIMEOUT_MS): Promise<void> {
  const url = keySetUrl(supabaseUrl);
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  const keySet = keySetSchema.safeParse(parseJson(text)).data;
  if (!keySet) throw new Error(`${url} answers something else than a list of keys`);
  if (keySet.keys.length === 0) {
    throw new UnusableSigningKeysError(`the project signs with a shared secret (${url} lists no key)`);
  }
  if (!keySet.keys.some(isBelieved)) {
    throw new UnusableSigningKeysError(`the project publishes no ES256, RS256 or EdDSA key at ${url}`);
  }
}

/** What a health report says of an error of `requireSigningKeys`. */
export function signingKeysLine(error: unknown): string {
  if (error instanceof UnusableSigningKeysError) return error.message;
  return 'the keys that sign-ins are checked with could not be read: waiting for Supabase';
}

/** RFC 7517: `alg` may be left out; then the type of the key says what it is for. */
function isBelieved({ kty, alg }: { kty: string; alg?: string | undefined }): boolean {
  return alg === undefined ? ['EC', 'RSA', 'OKP'].includes(kty) : SIGNATURE_ALGORITHMS.includes(alg);
}

/**
 * What is wrong with the signature of a token that the project has just given; undefined when it can be believed. A
 * project may publish a new key and not sign with it yet.
 */
export function signatureTrouble(token: string): string | undefined {
  const algorithm = algorithmOf(token);
  if (algorithm === undefined || SIGNATURE_ALGORITHMS.includes(algorithm)) return undefined;
  return new UnusableSigningKeysError(`the project signs with ${algorithm}`).message;
}

/** Undefined for what is no token at all: that is another's trouble. */
function algorithmOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).alg;
  } catch {
    return undefined;
  }
}
