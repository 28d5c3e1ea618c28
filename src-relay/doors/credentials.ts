/**
 * Who calls, as a JWT of Supabase Auth says (signature by JWKS, issuer, audience, expiry). Promise: an outage of the
 * database doesn't stop verification, since the keys are kept once read.
 */
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify, type RemoteJWKSet } from 'jose';
import { z } from 'zod';
import { keySetUrl, SIGNATURE_ALGORITHMS } from '../../src-runtime/signing-keys.ts';
import type { Caller, Credentials } from '../model/callers.ts';

export interface JwtRules {
  /** Address of Supabase; its Auth is the issuer. */
  supabaseUrl: string;
  nowMs(): number;
}

const CLOCK_TOLERANCE_SECONDS = 5;
/** How often keys are read again, so that a withdrawn one stops counting. */
const KEYS_REFRESH_MS = 10 * 60_000;

const claimsSchema = z.object({
  sub: z.uuid(),
  role: z.literal('authenticated'),
  app_metadata: z
    .object({
      kind: z.enum(['customer', 'kiosk', 'staff']).default('customer'),
      kiosk_id: z.uuid().optional(),
    })
    .default({ kind: 'customer' }),
});

export interface CredentialReader {
  read(authorization: string | undefined): Promise<Credentials>;
  stop(): void;
}

/** Reads `Authorization` headers against the keys of Supabase Auth. */
export function createCredentialReader(rules: JwtRules): CredentialReader {
  const issuer = `${rules.supabaseUrl}/auth/v1`;
  // Kept until newer ones come: an outage must not turn valid tokens away.
  const keys = createRemoteJWKSet(new URL(keySetUrl(rules.supabaseUrl)), { cacheMaxAge: Infinity });
  const refresh = () => void keys.reload().catch(() => undefined);
  refresh();
  const timer = setInterval(refresh, KEYS_REFRESH_MS);
  return {
    read: (authorization) => readCredentials(authorization, keys, issuer, rules),
    stop: () => clearInterval(timer),
  };
}

async function readCredentials(
  authorization: string | undefined,
  keys: RemoteJWKSet,
  issuer: string,
  rules: JwtRules,
): Promise<Credentials> {
  if (authorization === undefined) return 'none';
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
  if (token === undefined) return 'rejected';
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience: 'authenticated',
      algorithms: [...SIGNATURE_ALGORITHMS],
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(rules.nowMs()),
    });
    return callerOfClaims(payload) ?? 'rejected';
  } catch (error) {
    return isRefused(error) || keys.jwks() ? 'rejected' : 'unverifiable';
  }
}

/** Whether the token itself is at fault, not the way to the keys. */
function isRefused(error: unknown): boolean {
  return (
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    error.code !== 'ERR_JOSE_GENERIC'
  );
}

/** The caller behind verified claims; undefined for claims that make no sense, such as a kiosk without its id. */
export function callerOfClaims(payload: JWTPayload): Caller | undefined {
  const claims = claimsSchema.safeParse(payload).data;
  if (!claims) return undefined;
  const authUserId = claims.sub;
  const { kind, kiosk_id: kioskId } = claims.app_metadata;
  if (kind !== 'kiosk') return { kind, authUserId };
  return kioskId === undefined ? undefined : { kind, authUserId, kioskId };
}
