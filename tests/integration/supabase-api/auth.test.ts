/** The Auth API of the embedded Supabase through the real supabase-js. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSupabase, type TestSupabase } from '../../support/supabase/supabase.ts';

let supabase: TestSupabase;

beforeAll(async () => {
  supabase = await startTestSupabase({ migrations: false });
});
afterAll(() => supabase?.stop());

const address = () => `${randomUUID()}@example.com`;
const password = 'correct horse';

function expectValue<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('expected a value');
  return value;
}

async function signedUp(email = address()) {
  const client = supabase.client();
  const { data, error } = await client.auth.signUp({ email, password });
  expect(error).toBeNull();
  return { client, email, user: expectValue(data.user), session: expectValue(data.session) };
}

async function refreshRaw(token: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${supabase.url}/auth/v1/token?grant_type=refresh_token`, {
    method: 'POST',
    headers: { apikey: supabase.anonKey, 'content-type': 'application/json' },
    body: JSON.stringify({ refresh_token: token }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('signing up and in', () => {
  it('gives a session whose token verifies against the published keys', async () => {
    const { client, email, user, session } = await signedUp();
    const jwks = createRemoteJWKSet(new URL(`${supabase.url}/auth/v1/.well-known/jwks.json`));
    const { payload, protectedHeader } = await jwtVerify(session.access_token, jwks, {
      issuer: `${supabase.url}/auth/v1`,
      audience: 'authenticated',
    });
    expect(protectedHeader.alg).toBe('ES256');
    expect(payload).toMatchObject({
      sub: user.id,
      email,
      role: 'authenticated',
      is_anonymous: false,
      aal: 'aal1',
    });
    expect(payload['amr']).toMatchObject([{ method: 'password' }]);
    expect(Number(payload.exp) - Number(payload.iat)).toBe(3600);
    expect((await client.auth.getUser()).data.user?.id).toBe(user.id);
    expect((await client.auth.getClaims()).data?.claims.sub).toBe(user.id);
    const jwksText = await (await fetch(`${supabase.url}/auth/v1/.well-known/jwks.json`)).text();
    expect(JSON.parse(jwksText).keys[0]).not.toHaveProperty('d');
  });

  it('takes the right password in any case of the address, and stores only a hash', async () => {
    const { email, user } = await signedUp();
    const again = await supabase.client().auth.signInWithPassword({ email: email.toUpperCase(), password });
    expect(again.data.user?.id).toBe(user.id);
    const { rows } = await supabase.database.admin.query(
      'select encrypted_password as p from auth.users where id = $1',
      [user.id],
    );
    expect(rows[0]?.p).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$/);
    const dump = await supabase.database.admin.query(
      'select token from auth.refresh_tokens where user_id = $1',
      [user.id],
    );
    expect(dump.rows.every(({ token }) => /^[0-9a-f]{64}$/.test(token))).toBe(true);
  });

  it('refuses a wrong password and an unknown address alike', async () => {
    const { email } = await signedUp();
    for (const credentials of [
      { email, password: 'wrong one' },
      { email: address(), password },
    ]) {
      const { error } = await supabase.client().auth.signInWithPassword(credentials);
      expect(error).toMatchObject({
        status: 400,
        code: 'invalid_credentials',
        message: 'Invalid login credentials',
      });
    }
  });

  it('refuses a second account of the same address, a short password and nonsense', async () => {
    const { email } = await signedUp();
    const auth = supabase.client().auth;
    expect((await auth.signUp({ email, password })).error).toMatchObject({
      status: 422,
      code: 'user_already_exists',
    });
    expect((await auth.signUp({ email: address(), password: 'short' })).error?.code).toBe('weak_password');
    expect((await auth.signUp({ email: 'nonsense', password })).error?.code).toBe('validation_failed');
    expect((await auth.signUp({ phone: '+15550100', password })).error?.code).toBe('validation_failed');
    expect((await auth.signInWithIdToken({ provider: 'google', token: 'x' })).error?.code).toBe(
      'validation_failed',
    );
  });

  it('stops guessing after ten failures, also for the right password, and only for that address', async () => {
    const { email } = await signedUp();
    const guess = (text: string) => supabase.client().auth.signInWithPassword({ email, password: text });
    const guesses = await Promise.all(Array.from({ length: 12 }, (_, n) => guess(`wrong ${n}`)));
    const codes = guesses.map(({ error }) => error?.code);
    expect(codes.filter((code) => code === 'invalid_credentials')).toHaveLength(10);
    expect((await guess(password)).error).toMatchObject({ status: 429, code: 'over_request_rate_limit' });
    const other = await signedUp();
    expect((await other.client.auth.signInWithPassword({ email: other.email, password })).error).toBeNull();
  });

  it('writes errors in the old shape for a client that names no API version', async () => {
    const { body, status } = await refreshRaw('unknown');
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 400, error_code: 'refresh_token_not_found' });
    expect(typeof body['msg']).toBe('string');
  });

  it('needs the API key', async () => {
    const response = await fetch(`${supabase.url}/auth/v1/signup`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(401);
  });
});

describe('anonymous users', () => {
  it('get a session, and become an account with the same id', async () => {
    const client = supabase.client();
    const { data } = await client.auth.signInAnonymously({ options: { data: { language: 'de' } } });
    const id = expectValue(data.user).id;
    expect(data.user).toMatchObject({
      is_anonymous: true,
      user_metadata: { language: 'de' },
      app_metadata: {},
    });
    expect((await client.auth.updateUser({ password })).error?.code).toBe('validation_failed');
    const email = address();
    const upgraded = await client.auth.updateUser({ email, password });
    expect(upgraded.data.user).toMatchObject({ id, email, is_anonymous: false });
    const signedIn = await supabase.client().auth.signInWithPassword({ email, password });
    expect(signedIn.data.user?.id).toBe(id);
    const refreshed = await client.auth.refreshSession();
    const claims = (await client.auth.getClaims(expectValue(refreshed.data.session).access_token)).data
      ?.claims;
    expect(claims).toMatchObject({ sub: id, is_anonymous: false, email });
  });

  it("can't take an address that is in use, nor write their own app_metadata", async () => {
    const { email } = await signedUp();
    const client = supabase.client();
    await client.auth.signInAnonymously();
    expect((await client.auth.updateUser({ email, password })).error?.code).toBe('email_exists');
    const body = JSON.stringify({ app_metadata: { kind: 'staff' } });
    const token = expectValue((await client.auth.getSession()).data.session).access_token;
    const headers = {
      apikey: supabase.anonKey,
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    };
    const forged = await fetch(`${supabase.url}/auth/v1/user`, { method: 'PUT', headers, body });
    expect(forged.status).toBe(400);
    const atSignup = await fetch(`${supabase.url}/auth/v1/signup`, { method: 'POST', headers, body });
    expect(atSignup.status).toBe(400);
  });
});

describe('refresh tokens', () => {
  it('rotate; shown again at once they give the same successor', async () => {
    const { session } = await signedUp();
    const first = await refreshRaw(session.refresh_token);
    expect(first.status).toBe(200);
    expect(first.body['refresh_token']).not.toBe(session.refresh_token);
    const again = await refreshRaw(session.refresh_token);
    expect(again.body['refresh_token']).toBe(first.body['refresh_token']);
    expect((await refreshRaw(String(first.body['refresh_token']))).status).toBe(200);
  });

  it('end the session when one is used again later', async () => {
    const { client, session } = await signedUp();
    const { data } = await client.auth.refreshSession();
    await supabase.database.admin.query(
      `update auth.refresh_tokens set updated_at = now() - interval '11 seconds' where revoked`,
    );
    expect((await refreshRaw(session.refresh_token)).body['error_code']).toBe('refresh_token_already_used');
    const latest = expectValue(data.session).refresh_token;
    expect((await refreshRaw(latest)).body['error_code']).toBe('refresh_token_not_found');
    expect((await client.auth.getUser()).error?.name).toBe('AuthSessionMissingError');
  });

  it('survive many requests with the same token at once: one successor', async () => {
    const { session } = await signedUp();
    const answers = await Promise.all(Array.from({ length: 8 }, () => refreshRaw(session.refresh_token)));
    expect(new Set(answers.map(({ body }) => body['refresh_token'])).size).toBe(1);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  });
});

describe('accounts', () => {
  it('change password and metadata; other sessions end with the old password', async () => {
    const { client, email } = await signedUp();
    const other = supabase.client();
    await other.auth.signInWithPassword({ email, password });
    expect((await client.auth.updateUser({ password })).error?.code).toBe('same_password');
    const changed = await client.auth.updateUser({ password: 'a new password', data: { name: 'Ann' } });
    expect(changed.data.user?.user_metadata).toEqual({ name: 'Ann' });
    expect((await other.auth.getUser()).error).not.toBeNull();
    expect((await client.auth.getUser()).error).toBeNull();
    expect((await other.auth.signInWithPassword({ email, password })).error?.code).toBe(
      'invalid_credentials',
    );
  });

  it('sign out here, elsewhere or everywhere', async () => {
    const { client, email } = await signedUp();
    const [second, third] = [supabase.client(), supabase.client()];
    await second.auth.signInWithPassword({ email, password });
    await third.auth.signInWithPassword({ email, password });
    const works = async (of: typeof client) => (await of.auth.refreshSession()).error === null;
    const thirdToken = expectValue((await third.auth.getSession()).data.session).refresh_token;
    await third.auth.signOut({ scope: 'local' });
    expect((await refreshRaw(thirdToken)).status).toBe(400);
    expect(await works(second)).toBe(true);
    await client.auth.signOut({ scope: 'others' });
    expect([await works(client), await works(second)]).toEqual([true, false]);
    const token = expectValue((await client.auth.getSession()).data.session).refresh_token;
    await client.auth.signOut();
    expect((await refreshRaw(token)).status).toBe(400);
  });
});

describe('one-time codes', () => {
  async function codeFor(email: string): Promise<string> {
    for (const name of await readdir(supabase.mailDir)) {
      const path = join(supabase.mailDir, name);
      const text = await readFile(path, 'utf8');
      if (!text.includes(`To: ${email}`)) continue;
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      return expectValue(/\b(\d{6})\b/.exec(text.split('\r\n\r\n')[1] ?? '')?.[1]);
    }
    throw new Error(`no mail to ${email}`);
  }

  it('sign in once', async () => {
    const email = address();
    const client = supabase.client();
    expect((await client.auth.signInWithOtp({ email })).error).toBeNull();
    const token = await codeFor(email);
    const { data, error } = await client.auth.verifyOtp({ email, token, type: 'email' });
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ email, is_anonymous: false });
    const twice = await supabase.client().auth.verifyOtp({ email, token, type: 'email' });
    expect(twice.error).toMatchObject({ status: 403, code: 'otp_expired' });
  });

  it('are void after five wrong tries, or an hour', async () => {
    const email = address();
    const { auth } = supabase.client();
    await auth.signInWithOtp({ email });
    const right = await codeFor(email);
    const wrong = right === '000000' ? '000001' : '000000';
    for (let n = 0; n < 5; n += 1) {
      expect((await auth.verifyOtp({ email, token: wrong, type: 'email' })).error?.code).toBe('otp_expired');
    }
    expect((await auth.verifyOtp({ email, token: right, type: 'email' })).error?.code).toBe('otp_expired');
    const late = address();
    await auth.signInWithOtp({ email: late });
    await supabase.database.admin.query(
      `update auth.one_time_tokens set created_at = now() - interval '61 minutes'
        where user_id = (select id from auth.users where email = $1)`,
      [late],
    );
    const token = await codeFor(late);
    expect((await auth.verifyOtp({ email: late, token, type: 'email' })).error?.code).toBe('otp_expired');
  });

  it('are sent once a minute, and to strangers only when they may sign up', async () => {
    const email = address();
    const { auth } = supabase.client();
    expect((await auth.signInWithOtp({ email, options: { shouldCreateUser: false } })).error?.code).toBe(
      'otp_disabled',
    );
    expect((await auth.signInWithOtp({ email })).error).toBeNull();
    expect((await auth.signInWithOtp({ email })).error).toMatchObject({
      status: 429,
      code: 'over_email_send_rate_limit',
    });
  });
});

describe('the admin API', () => {
  it('makes, shows, changes, lists and deletes accounts', async () => {
    const { admin } = supabase.service().auth;
    const email = address();
    const made = await admin.createUser({
      email,
      password,
      email_confirm: true,
      app_metadata: { kind: 'kiosk', kiosk_id: 'k1' },
    });
    const id = expectValue(made.data.user).id;
    expect(made.data.user?.app_metadata).toMatchObject({ kind: 'kiosk', kiosk_id: 'k1', provider: 'email' });
    const client = supabase.client();
    const { data } = await client.auth.signInWithPassword({ email, password });
    expect((await client.auth.getClaims()).data?.claims.app_metadata).toMatchObject({ kind: 'kiosk' });
    expect((await admin.createUser({ email, password })).error?.code).toBe('email_exists');
    const changed = await admin.updateUserById(id, { app_metadata: { kind: 'staff', kiosk_id: null } });
    expect(changed.data.user?.app_metadata).toEqual({
      kind: 'staff',
      provider: 'email',
      providers: ['email'],
    });
    expect((await admin.getUserById(id)).data.user?.email).toBe(email);
    const page = await admin.listUsers({ page: 1, perPage: 2 });
    expect(page.data.users).toHaveLength(2);
    expect(page.data).toMatchObject({ nextPage: 2, total: expect.any(Number) });
    await admin.updateUserById(id, { ban_duration: '24h' });
    expect((await client.auth.signInWithPassword({ email, password })).error?.code).toBe('user_banned');
    const refreshToken = expectValue(data.session).refresh_token;
    expect((await refreshRaw(refreshToken)).body['error_code']).toBe('user_banned');
    expect((await admin.deleteUser(id)).error).toBeNull();
    expect((await admin.getUserById(id)).error).toMatchObject({ status: 404, code: 'user_not_found' });
    expect((await client.auth.getUser()).error?.name).toBe('AuthSessionMissingError');
  });

  it('keeps an unconfirmed account out', async () => {
    const email = address();
    await supabase.service().auth.admin.createUser({ email, password });
    const { error } = await supabase.client().auth.signInWithPassword({ email, password });
    expect(error?.code).toBe('email_not_confirmed');
  });

  it('is for the service role only', async () => {
    const { client, user } = await signedUp();
    const token = expectValue((await client.auth.getSession()).data.session).access_token;
    for (const bearer of [token, supabase.anonKey]) {
      const response = await fetch(`${supabase.url}/auth/v1/admin/users/${user.id}`, {
        headers: { apikey: supabase.anonKey, authorization: `Bearer ${bearer}` },
      });
      expect(response.status).toBe(403);
    }
  });
});

it('writes no password, code or token into its log', async () => {
  const { session } = await signedUp();
  expect(supabase.output()).not.toContain(password);
  expect(supabase.output()).not.toContain(session.refresh_token);
});
