/**
 * Sessions and their refresh tokens. Promise: a refresh token is exchanged once; used again after ten seconds it ends
 * the session, for then two parties hold it. Within ten seconds the same successor is given again, so a client whose
 * answer got lost is not signed out. Only hashes of tokens are stored.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { ClientBase } from 'pg';
import { sha256Hex } from '../../../src-runtime/hash.ts';
import type { Keys } from '../keys.ts';
import { AuthError } from './errors.ts';
import { findUserById, publicUser, type UserRow } from './users.ts';

/** How long an access token is good for. */
export const ACCESS_TOKEN_SECONDS = 3_600;
/** How long an exchanged refresh token may be shown again. */
export const REUSE_GRACE_SECONDS = 10;

export type SignInMethod = 'password' | 'otp' | 'anonymous';

interface SessionRow {
  id: string;
  user_id: string;
  created_at: Date;
  factor: SignInMethod;
}

interface TokenRow {
  id: string;
  token: string;
  session_id: string;
  revoked: boolean;
  within_grace: boolean;
}

export interface SessionContext {
  keys: Keys;
  /** Base URL of the project; the issuer is `<publicUrl>/auth/v1`. */
  publicUrl: string;
}

/** Opens a session for `user` and answers what the client gets. */
export async function openSession(
  client: ClientBase,
  context: SessionContext,
  user: UserRow,
  method: SignInMethod,
  userAgent: string | undefined,
): Promise<Record<string, unknown>> {
  const { rows } = await client.query<SessionRow>(
    'insert into auth.sessions (user_id, factor, user_agent) values ($1, $2, $3) returning *',
    [user.id, method, userAgent?.slice(0, 200) ?? null],
  );
  const session = rows[0];
  if (!session) throw new Error('the session was not added');
  const token = randomBytes(24).toString('base64url');
  await insertToken(client, session, token, null);
  return sessionAnswer(context, user, session, token);
}

/**
 * Exchanges a refresh token. Answers the error instead of throwing it where the transaction must still be committed
 * (ending a session whose token was used twice).
 */
export async function refreshSession(
  client: ClientBase,
  context: SessionContext,
  token: string,
): Promise<Record<string, unknown> | AuthError> {
  const session = await lockSessionOf(client, token);
  if (!session) return tokenNotFound();
  const user = await findUserById(client, session.user_id);
  if (!user || isBanned(user)) return new AuthError(400, 'user_banned', 'User is banned');
  // Read after the lock: another request may have exchanged the token meanwhile.
  const row = await findToken(client, token);
  if (!row) return tokenNotFound();
  const successor = successorOf(context.keys, token);
  if (!row.revoked) {
    await client.query('update auth.refresh_tokens set revoked = true, updated_at = now() where id = $1', [
      row.id,
    ]);
    await insertToken(client, session, successor, row.token);
    await client.query('update auth.sessions set refreshed_at = now(), updated_at = now() where id = $1', [
      session.id,
    ]);
    return sessionAnswer(context, user, session, successor);
  }
  const next = await findToken(client, successor);
  if (row.within_grace && next && !next.revoked) return sessionAnswer(context, user, session, successor);
  await client.query('delete from auth.sessions where id = $1', [session.id]);
  return new AuthError(400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used');
}

export async function findSession(client: ClientBase, id: string): Promise<SessionRow | undefined> {
  const { rows } = await client.query<SessionRow>('select * from auth.sessions where id = $1', [id]);
  return rows[0];
}

export type SignOutScope = 'global' | 'local' | 'others';

/** Ends sessions of a user: all, only `sessionId`, or all but that. */
export async function closeSessions(
  client: ClientBase,
  userId: string,
  sessionId: string,
  scope: SignOutScope,
): Promise<void> {
  const which = { global: '$2::uuid is not null', local: 'id = $2', others: 'id <> $2' }[scope];
  await client.query(`delete from auth.sessions where user_id = $1 and ${which}`, [userId, sessionId]);
}

export function isBanned(user: UserRow): boolean {
  return user.banned_until !== null && user.banned_until.getTime() > Date.now();
}

function tokenNotFound(): AuthError {
  return new AuthError(400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found');
}

/** Derived, not drawn: the answer that got lost can be given again without keeping the token itself. */
function successorOf(keys: Keys, token: string): string {
  return createHmac('sha256', keys.derive('refresh-token', 32))
    .update(token)
    .digest('base64url')
    .slice(0, 32);
}

function hashOf(token: string): string {
  return sha256Hex(token);
}

async function lockSessionOf(client: ClientBase, token: string): Promise<SessionRow | undefined> {
  const { rows } = await client.query<SessionRow>(
    `select * from auth.sessions
      where id = (select session_id from auth.refresh_tokens where token = $1) for update`,
    [hashOf(token)],
  );
  return rows[0];
}

async function findToken(client: ClientBase, token: string): Promise<TokenRow | undefined> {
  const { rows } = await client.query<TokenRow>(
    `select id, token, session_id, revoked, updated_at > now() - make_interval(secs => $2) as within_grace
       from auth.refresh_tokens where token = $1`,
    [hashOf(token), REUSE_GRACE_SECONDS],
  );
  return rows[0];
}

async function insertToken(
  client: ClientBase,
  session: SessionRow,
  token: string,
  parent: string | null,
): Promise<void> {
  await client.query(
    'insert into auth.refresh_tokens (token, user_id, session_id, parent) values ($1, $2, $3, $4)',
    [hashOf(token), session.user_id, session.id, parent],
  );
}

async function sessionAnswer(
  { keys, publicUrl }: SessionContext,
  user: UserRow,
  session: SessionRow,
  refreshToken: string,
): Promise<Record<string, unknown>> {
  const issuedAt = Math.floor(Date.now() / 1000);
  const expiresAt = issuedAt + ACCESS_TOKEN_SECONDS;
  const accessToken = await keys.sign({
    iss: `${publicUrl}/auth/v1`,
    sub: user.id,
    aud: user.aud,
    iat: issuedAt,
    exp: expiresAt,
    role: user.role,
    email: user.email ?? '',
    phone: '',
    app_metadata: user.raw_app_meta_data,
    user_metadata: user.raw_user_meta_data,
    session_id: session.id,
    is_anonymous: user.is_anonymous,
    aal: 'aal1',
    amr: [{ method: session.factor, timestamp: Math.floor(session.created_at.getTime() / 1000) }],
  });
  return {
    access_token: accessToken,
    token_type: 'bearer',
    expires_in: ACCESS_TOKEN_SECONDS,
    expires_at: expiresAt,
    refresh_token: refreshToken,
    user: publicUser(user),
  };
}
