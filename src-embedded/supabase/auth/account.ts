/** What a signed-in user may do with their own account: look, change, sign out. */
import type { ClientBase } from 'pg';
import type { VerifiedToken } from '../keys.ts';
import {
  type AuthContext,
  type CurrentUser,
  checkNewPassword,
  currentUser,
  mergeMetadata,
  transact,
} from './context.ts';
import { AuthError, validationFailed } from './errors.ts';
import { checkPassword, hashPassword } from './passwords.ts';
import { changeUserSchema, parseBody } from './schemas.ts';
import { closeSessions, type SignOutScope } from './sessions.ts';
import { EMAIL_PROVIDER, publicUser, type UserChanges, type UserRow, updateUser } from './users.ts';

type Answer = Record<string, unknown>;

/** GET /user. */
export async function showAccount(context: AuthContext, token: VerifiedToken): Promise<Answer> {
  return transact(context, async (client) => publicUser((await currentUser(client, token)).user));
}

/** PUT /user: an anonymous user becomes an account by getting an e-mail address (and a password). */
export async function changeAccount(
  context: AuthContext,
  token: VerifiedToken,
  body: unknown,
): Promise<Answer> {
  const { email, password, data } = parseBody(changeUserSchema, body);
  const before = await transact(context, (client) => currentUser(client, token));
  const encrypted = password === undefined ? undefined : await newHash(before.user, password, email);
  const changes: UserChanges = {
    ...emailChanges(before.user, email),
    ...(encrypted === undefined ? {} : { encrypted_password: encrypted }),
    ...(data === undefined
      ? {}
      : { raw_user_meta_data: mergeMetadata(before.user.raw_user_meta_data, data) }),
  };
  return transact(context, async (client) => {
    // Signed out while the password was hashed: the change must not slip through.
    const { user, sessionId } = await currentUser(client, token);
    const after = await updateUser(client, user.id, changes);
    if (encrypted !== undefined) await closeSessions(client, user.id, sessionId, 'others');
    return publicUser(after);
  });
}

/** POST /logout. */
export async function signOut(context: AuthContext, token: VerifiedToken, scope: unknown): Promise<void> {
  const wanted = parseScope(scope);
  await transact(context, async (client: ClientBase) => {
    const { user, sessionId }: CurrentUser = await currentUser(client, token);
    await closeSessions(client, user.id, sessionId, wanted);
  });
}

function parseScope(scope: unknown): SignOutScope {
  if (scope === undefined) return 'global';
  if (scope === 'global' || scope === 'local' || scope === 'others') return scope;
  throw validationFailed(`Unsupported logout scope "${String(scope)}"`);
}

function emailChanges(user: UserRow, email: string | undefined): UserChanges {
  if (email === undefined || email === user.email) return {};
  // Confirmed at once, as at signing up: embedded mode has no mail server to ask through.
  return {
    email,
    email_confirmed_at: new Date(),
    is_anonymous: false,
    raw_app_meta_data: { ...user.raw_app_meta_data, ...EMAIL_PROVIDER },
  };
}

async function newHash(user: UserRow, password: string, email: string | undefined): Promise<string> {
  if (user.email === null && email === undefined) {
    const message = 'Updating password of an anonymous user without an email is not allowed';
    throw new AuthError(422, 'validation_failed', message);
  }
  checkNewPassword(password);
  if (user.encrypted_password !== null && (await checkPassword(password, user.encrypted_password))) {
    const message = 'New password should be different from the old password.';
    throw new AuthError(422, 'same_password', message);
  }
  return hashPassword(password);
}
