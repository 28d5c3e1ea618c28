/**
 * API keys of today's form (`sb_publishable_…`, `sb_secret_…`) through the real supabase-js: it sends them in `apikey`,
 * and to Auth as a bearer too, although they are no tokens. A user's token beside such a key decides as ever.
 */
import { randomUUID } from 'node:crypto';
import { createClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requireSigningKeys } from '../../../src-runtime/signing-keys.ts';
import { startTestSupabase, type TestSupabase } from '../../support/supabase/supabase.ts';

let supabase: TestSupabase;

beforeAll(async () => {
  supabase = await startTestSupabase({ keyForm: 'opaque' });
});
afterAll(() => supabase?.stop());

it('lets the publishable key read what everybody may, and no more', async () => {
  expect(supabase.anonKey).toMatch(/^sb_publishable_/);
  const client = supabase.client();
  const packages = await client.rpc('list_packages');
  expect([packages.error, packages.data.length]).toEqual([null, 5]);
  expect((await client.rpc('verify_ledger')).error).not.toBeNull();
  expect((await client.auth.admin.listUsers()).error).toMatchObject({ status: 403 });
});

it('lets the secret key do what the service role may', async () => {
  const service = supabase.service();
  expect(await service.rpc('verify_ledger')).toMatchObject({ error: null, data: [] });
  expect(await service.auth.admin.listUsers()).toMatchObject({ error: null });
});

it('signs a user in with the publishable key, whose token then decides', async () => {
  const login = { email: `${randomUUID()}@mindbot.example`, password: randomUUID() };
  const made = await supabase.service().auth.admin.createUser({ ...login, email_confirm: true });
  expect(made.error).toBeNull();
  const client = supabase.client();
  expect((await client.auth.signInWithPassword(login)).error).toBeNull();
  expect((await client.auth.getUser()).data.user?.email).toBe(login.email);
  const own = await client.rpc('get_user_time_balance', { user_id: randomUUID() });
  expect(own.error?.code).not.toBe('PGRST301');
  expect((await client.auth.refreshSession()).error).toBeNull();
  expect((await client.auth.signOut()).error).toBeNull();
});

it('refuses a key of that form that is not the project’s, and one without `apikey`', async () => {
  const stranger = createClient(supabase.url, 'sb_secret_of_somebody_else', {
    auth: { persistSession: false },
  });
  expect((await stranger.rpc('verify_ledger')).status).toBe(401);
  const bearerAlone = await fetch(`${supabase.url}/rest/v1/rpc/verify_ledger`, {
    method: 'POST',
    headers: { authorization: `Bearer ${supabase.serviceRoleKey}` },
  });
  expect(bearerAlone.status).toBe(401);
});

it('publishes the key that sign-ins are checked with', async () => {
  await requireSigningKeys(supabase.url);
});
