/** What the handlers of the Auth API share. */
import type { FastifyRequest } from 'fastify';
import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../database.ts';
import { TokenError, type VerifiedToken } from '../keys.ts';
import { bearerToken, opaqueCaller } from '../request-auth.ts';
import type { AttemptLimiter } from './attempts.ts';
import { AuthError, sessionNotFound, validationFailed } from './errors.ts';
import type { Mail } from './one-time-codes.ts';
import { PASSWORD_MAX_CHARACTERS, PASSWORD_MIN_CHARACTERS } from './schemas.ts';
import { findSession, type SessionContext } from './sessions.ts';
import { findUserById, type UserRow } from './users.ts';

export interface AuthContext extends SessionContext {
  pool: Pool;
  /** Failed sign-ins, per e-mail address and in all. */
  failures: { perEmail: AttemptLimiter; overall: AttemptLimiter };
  sendMail(mail: Mail): Promise<void>;
}

/** Runs `work` in one transaction. An AuthError that it returns (not throws) is thrown after the commit. */
export async function transact<T>(
  context: AuthContext,
  work: (client: ClientBase) => Promise<T | AuthError>,
): Promise<T> {
  const result = await inTransaction(context.pool, work);
  if (result instanceof AuthError) throw result;
  return result;
}

export interface CurrentUser {
  user: UserRow;
  sessionId: string;
}

/** The bearer token of a request. @throws AuthError when it has none or one that isn't believed */
export async function requireToken(context: AuthContext, request: FastifyRequest): Promise<VerifiedToken> {
  const caller = opaqueCaller(request, context.keys);
  if (caller) return caller;
  try {
    const token = bearerToken(request);
    if (token === undefined) {
      throw new AuthError(401, 'no_authorization', 'This endpoint requires a valid Bearer token');
    }
    return await context.keys.verify(token);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    throw new AuthError(403, 'bad_jwt', `invalid JWT: ${error.message}`);
  }
}

/** The signed-in user of a token, whose session must still be open. @throws AuthError */
export async function currentUser(client: ClientBase, token: VerifiedToken): Promise<CurrentUser> {
  const { sub, session_id: sessionId } = token.claims;
  if (typeof sub !== 'string' || typeof sessionId !== 'string') {
    throw new AuthError(403, 'bad_jwt', 'invalid claim: missing sub claim');
  }
  const session = await findSession(client, sessionId);
  if (!session || session.user_id !== sub) throw sessionNotFound();
  const user = await findUserById(client, sub);
  if (!user) throw new AuthError(403, 'user_not_found', 'User from sub claim in JWT does not exist');
  return { user, sessionId };
}

/** @throws AuthError (422 weak_password, 400 validation_failed) */
export function checkNewPassword(password: string): void {
  if ([...password].length < PASSWORD_MIN_CHARACTERS) {
    const message = `Password should be at least ${PASSWORD_MIN_CHARACTERS} characters.`;
    throw new AuthError(422, 'weak_password', message);
  }
  if ([...password].length > PASSWORD_MAX_CHARACTERS) {
    throw validationFailed(`Password cannot be longer than ${PASSWORD_MAX_CHARACTERS} characters`);
  }
}

/** Merges as GoTrue does: keys are replaced, null removes one. */
export function mergeMetadata(
  old: Record<string, unknown>,
  changes: Record<string, unknown>,
): Record<string, unknown> {
  const merged = Object.entries({ ...old, ...changes });
  return Object.fromEntries(merged.filter(([, value]) => value !== null));
}
