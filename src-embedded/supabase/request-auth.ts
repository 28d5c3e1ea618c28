/**
 * Who a request comes from: the `apikey` header lets it in, the bearer token (or else the key itself) gives it a role.
 */
import type { FastifyRequest } from 'fastify';
import { type Keys, TokenError, type VerifiedToken } from './keys.ts';

/** The `apikey` header is missing or wrong. */
export class ApiKeyError extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** @throws ApiKeyError */
export function requireApiKey(request: FastifyRequest, keys: Keys): string {
  const value = request.headers['apikey'];
  if (typeof value !== 'string' || value === '') {
    throw new ApiKeyError('No API key found in request', 'Send the `apikey` header.');
  }
  if (!keys.isApiKey(value)) {
    throw new ApiKeyError('Invalid API key', 'Double check your Supabase `anon` or `service_role` API key.');
  }
  return value;
}

/** The bearer token of a request, undefined when it has none. @throws TokenError for another scheme. */
export function bearerToken(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  if (header === undefined) return undefined;
  const token = /^Bearer ([^\s]+)$/i.exec(header)?.[1];
  if (!token) throw new TokenError('invalid', 'the Authorization header must be "Bearer <token>"');
  return token;
}

/**
 * What the `apikey` header stands for where it holds a key of the new form and no token came with it. Such a key is no
 * token, but supabase-js sends it as a bearer to Auth too; Supabase's gateway then goes by `apikey`.
 */
export function opaqueCaller(request: FastifyRequest, keys: Keys): VerifiedToken | undefined {
  const { authorization, apikey } = request.headers;
  const isToken = authorization !== undefined && !/^Bearer sb_/i.test(authorization);
  return isToken || typeof apikey !== 'string' ? undefined : keys.opaqueKey(apikey);
}

/** Role and claims of a request. @throws ApiKeyError, TokenError */
export async function authenticate(request: FastifyRequest, keys: Keys): Promise<VerifiedToken> {
  const apiKey = requireApiKey(request, keys);
  const caller = opaqueCaller(request, keys);
  if (caller) return caller;
  return keys.verify(bearerToken(request) ?? apiKey);
}
