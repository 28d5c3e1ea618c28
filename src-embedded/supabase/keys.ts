/**
 * The signing key and the API keys. Promise: only ES256 tokens made with this installation's key are believed, and
 * only for the three roles that a request may take. An API key has one of Supabase's two forms: a token made with the
 * signing key, or a word that stands for its role (`sb_publishable_…`, `sb_secret_…`) and is no token.
 */
import { hkdfSync, timingSafeEqual } from 'node:crypto';
import {
  type CryptoKey,
  createLocalJWKSet,
  errors,
  importJWK,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose';
import { z } from 'zod';
import { sha256 } from '../../src-runtime/hash.ts';

export const API_ROLES = ['anon', 'authenticated', 'service_role'] as const;
export type ApiRole = (typeof API_ROLES)[number];

const privateJwkSchema = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string().min(1),
  y: z.string().min(1),
  d: z.string().min(1),
  kid: z.string().min(1),
});

export interface VerifiedToken {
  role: ApiRole;
  claims: JWTPayload;
}

export type TokenProblem = 'expired' | 'invalid';

/** A token that is not believed, and in which of the two ways. */
export class TokenError extends Error {
  readonly problem: TokenProblem;
  constructor(problem: TokenProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

/** Tokens whose signature is not checked again, as PostgREST keeps them too. */
const TOKENS_KEPT = 1_000;

export interface Keys {
  /** What `/.well-known/jwks.json` answers. */
  jwks: JSONWebKeySet;
  sign(claims: JWTPayload): Promise<string>;
  /** @throws TokenError */
  verify(token: string): Promise<VerifiedToken>;
  /** Whether the `apikey` header holds one of the two API keys. */
  isApiKey(value: string): boolean;
  /** What an API key of the new form stands for; undefined for anything else. */
  opaqueKey(value: string): VerifiedToken | undefined;
  /** A secret of `bytes` bytes for one purpose, always the same for this signing key. */
  derive(purpose: string, bytes: number): Buffer;
}

/**
 * @param jwkText private ES256 JWK with a `kid`, as JSON
 * @param anonKey a token made with that key, or `sb_publishable_…`
 * @param serviceRoleKey a token made with that key, or `sb_secret_…`
 * @throws Error when the signing key is unfit, or an API key has neither form or the other's role
 */
export async function createKeys(jwkText: string, anonKey: string, serviceRoleKey: string): Promise<Keys> {
  const jwk = privateJwkSchema.parse(JSON.parse(jwkText));
  const { d, ...publicPart } = jwk;
  const privateKey: CryptoKey | Uint8Array = await importJWK({ ...jwk, alg: 'ES256' }, 'ES256');
  const jwks: JSONWebKeySet = { keys: [{ ...publicPart, alg: 'ES256', use: 'sig', key_ops: ['verify'] }] };
  const keySet = createLocalJWKSet(jwks);
  const believed = new Map<string, VerifiedToken>();
  const verifyAfresh = async (token: string): Promise<VerifiedToken> => {
    const { payload } = await jwtVerify(token, keySet, { algorithms: ['ES256'] }).catch((error: unknown) => {
      throw tokenErrorFrom(error);
    });
    return { role: roleOf(payload), claims: payload };
  };
  const apiKeyDigests = [anonKey, serviceRoleKey].map(sha256);
  const keys: Keys = {
    jwks,
    sign: (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: jwk.kid }).sign(privateKey),
    verify: async (token) => {
      const known = believed.get(token);
      // Without an end, or past it, the token is looked at again; its signature can't have changed.
      if (known && (known.claims.exp ?? 0) > Date.now() / 1000) return known;
      believed.delete(token);
      const verified = await verifyAfresh(token);
      if (believed.size >= TOKENS_KEPT) believed.clear();
      believed.set(token, verified);
      return verified;
    },
    isApiKey: (value) => {
      const digest = sha256(value);
      return apiKeyDigests.some((known) => timingSafeEqual(known, digest));
    },
    opaqueKey: (value) => {
      const role = keys.isApiKey(value) ? opaqueRoleOf(value) : undefined;
      return role && { role, claims: { role } };
    },
    derive: (purpose, bytes) => Buffer.from(hkdfSync('sha256', d, '', `mindbot-supabase/${purpose}`, bytes)),
  };
  await checkApiKey(keys, 'SUPABASE_ANON_KEY', anonKey, 'anon');
  await checkApiKey(keys, 'SUPABASE_SERVICE_ROLE_KEY', serviceRoleKey, 'service_role');
  return keys;
}

/** The role that a key of the new form names; undefined for one of the old form. */
function opaqueRoleOf(key: string): ApiRole | undefined {
  if (key.startsWith('sb_publishable_')) return 'anon';
  return key.startsWith('sb_secret_') ? 'service_role' : undefined;
}

async function checkApiKey(keys: Keys, name: string, key: string, role: ApiRole): Promise<void> {
  const verify = (token: string) =>
    keys.verify(token).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${name} is not a token made with SUPABASE_JWT_PRIVATE_JWK: ${reason}`);
    });
  const verified = keys.opaqueKey(key) ?? (await verify(key));
  if (verified.role !== role) throw new Error(`${name} has the role ${verified.role} instead of ${role}.`);
}

function roleOf(claims: JWTPayload): ApiRole {
  const role = API_ROLES.find((known) => known === claims['role']);
  if (!role) throw new TokenError('invalid', 'the role claim names no role of this API');
  const isSession = role === 'authenticated';
  if (isSession && (typeof claims.sub !== 'string' || typeof claims.exp !== 'number')) {
    throw new TokenError('invalid', 'a user token needs the claims sub and exp');
  }
  return role;
}

function tokenErrorFrom(error: unknown): TokenError {
  if (error instanceof errors.JWTExpired) return new TokenError('expired', 'JWT expired');
  return new TokenError('invalid', error instanceof Error ? error.message : String(error));
}
