/** Ways to get a session: sign up, password, refresh token, one-time code. Bodies are checked before anything else. */

import { type AuthContext, checkNewPassword, transact } from './context.ts';
import { AuthError, invalidCredentials, validationFailed } from './errors.ts';
import { issueCode, redeemCode } from './one-time-codes.ts';
import { checkPassword, hashPassword } from './passwords.ts';
import {
  otpSchema,
  parseBody,
  passwordGrantSchema,
  refreshGrantSchema,
  signupSchema,
  verifySchema,
} from './schemas.ts';
import { isBanned, openSession, refreshSession, type SignInMethod } from './sessions.ts';
import { EMAIL_PROVIDER, findUserByEmail, insertUser, type UserRow, updateUser } from './users.ts';

type Answer = Record<string, unknown>;

/** POST /signup: with e-mail and password (confirmed at once, as there is no mail server), or anonymous with neither. */
export async function signUp(context: AuthContext, body: unknown, agent?: string): Promise<Answer> {
  const { email, password, data } = parseBody(signupSchema, body);
  if (email === undefined && password === undefined) {
    return transact(context, async (client) => {
      const changes = { is_anonymous: true, raw_user_meta_data: data ?? {}, last_sign_in_at: new Date() };
      const user = await insertUser(client, changes, 'user_already_exists');
      return openSession(client, context, user, 'anonymous', agent);
    });
  }
  if (email === undefined) throw validationFailed('To signup, please provide your email');
  if (password === undefined) throw validationFailed('Signup requires a valid password');
  checkNewPassword(password);
  const encrypted = await hashPassword(password);
  return transact(context, async (client) => {
    const now = new Date();
    const changes = {
      email,
      encrypted_password: encrypted,
      email_confirmed_at: now,
      last_sign_in_at: now,
      raw_app_meta_data: EMAIL_PROVIDER,
      raw_user_meta_data: data ?? {},
    };
    const user = await insertUser(client, changes, 'user_already_exists');
    return openSession(client, context, user, 'password', agent);
  });
}

/** POST /token?grant_type=password. */
export async function signInWithPassword(
  context: AuthContext,
  body: unknown,
  agent?: string,
): Promise<Answer> {
  const { email, password } = parseBody(passwordGrantSchema, body);
  return guarded(context, email, async () => {
    for (;;) {
      const known = await transact(context, (client) => findUserByEmail(client, email));
      const right = await checkPassword(password, known?.encrypted_password ?? null);
      if (!known || !right) throw invalidCredentials();
      const answer = await transact(context, async (client) => {
        const user = await findUserByEmail(client, email);
        // The account changed while the password was hashed: it must be right for what it is now.
        if (user?.encrypted_password !== known.encrypted_password) return undefined;
        if (!user.email_confirmed_at) throw new AuthError(400, 'email_not_confirmed', 'Email not confirmed');
        return begin(context, client, user, 'password', agent);
      });
      if (answer) return answer;
    }
  });
}

/** POST /token?grant_type=refresh_token. */
export async function refresh(context: AuthContext, body: unknown): Promise<Answer> {
  const { refresh_token: token } = parseBody(refreshGrantSchema, body);
  return transact(context, (client) => refreshSession(client, context, token));
}

/** POST /otp: mails a six-digit code. */
export async function sendCode(context: AuthContext, body: unknown): Promise<Answer> {
  const { email, data, create_user: mayCreate } = parseBody(otpSchema, body);
  const code = await transact(context, async (client) => {
    const known = await findUserByEmail(client, email);
    if (!known && !mayCreate) {
      throw new AuthError(422, 'otp_disabled', 'Signups not allowed for otp');
    }
    const changes = { email, raw_app_meta_data: EMAIL_PROVIDER, raw_user_meta_data: data ?? {} };
    const user = known ?? (await insertUser(client, changes, 'user_already_exists'));
    return issueCode(client, context.keys, user);
  });
  const text = `Your sign-in code is ${code}. It works once, within an hour. If you did not ask for it, do nothing.`;
  await context.sendMail({ to: email, subject: 'Your sign-in code', text });
  return {};
}

/** POST /verify: a session for the right code. */
export async function verifyCode(context: AuthContext, body: unknown, agent?: string): Promise<Answer> {
  const { email, token } = parseBody(verifySchema, body);
  const wrong = () => new AuthError(403, 'otp_expired', 'Token has expired or is invalid');
  return guarded(context, email, () =>
    transact(context, async (client) => {
      const user = await findUserByEmail(client, email);
      if (!user) return wrong();
      // Returned, not thrown: the try must stay counted.
      if (!(await redeemCode(client, context.keys, user, token))) return wrong();
      const confirmed = user.email_confirmed_at
        ? user
        : await updateUser(client, user.id, { email_confirmed_at: new Date() });
      return begin(context, client, confirmed, 'otp', agent);
    }),
  );
}

async function begin(
  context: AuthContext,
  client: Parameters<typeof openSession>[0],
  user: UserRow,
  method: SignInMethod,
  agent: string | undefined,
): Promise<Answer> {
  if (isBanned(user)) throw new AuthError(400, 'user_banned', 'User is banned');
  const seen = await updateUser(client, user.id, { last_sign_in_at: new Date() });
  return openSession(client, context, seen, method, agent);
}

/** Counts failed sign-ins and refuses more after too many. @throws AuthError (429) */
async function guarded(context: AuthContext, email: string, work: () => Promise<Answer>): Promise<Answer> {
  const { perEmail, overall } = context.failures;
  const wait = Math.max(perEmail.blockedSeconds(email), overall.blockedSeconds(''));
  if (wait > 0) throw new AuthError(429, 'over_request_rate_limit', 'Request rate limit reached', wait);
  const forgetPerEmail = perEmail.add(email);
  const forgetOverall = overall.add('');
  try {
    const answer = await work();
    perEmail.clear(email);
    forgetOverall();
    return answer;
  } catch (error) {
    // Only a refusal is a failed try; trouble with the database is not the caller's.
    if (!(error instanceof AuthError)) {
      forgetPerEmail();
      forgetOverall();
    }
    throw error;
  }
}
