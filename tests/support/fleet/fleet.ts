/**
 * For tests: a fleet's server side without any relay: embedded Supabase, Stripe sandbox, livekit-server, Edge Functions
 * under Deno.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type DeviceAccount, deviceAccountSchema } from '../../../src-shared/relay-api.ts';
import { freePort } from '../processes/free-port.ts';
import { call } from '../relay/relay.ts';
import {
  startTestSandbox,
  TEST_READER,
  TEST_SECRET_KEY,
  TEST_WEBHOOK_SECRET,
  type TestSandbox,
} from '../stripe/stripe-sandbox.ts';
import { type KeyForm, startTestSupabase, type TestSupabase } from '../supabase/supabase.ts';
import { startTestLivekit, type TestLivekit } from '../talk/livekit.ts';
import { type EdgeFunctions, startEdgeFunctions } from './edge-functions.ts';

/** Every function there is: a folder whose name begins with _ holds what they share. */
export const FUNCTIONS: readonly string[] = readdirSync(
  fileURLToPath(new URL('../../../supabase/functions', import.meta.url)),
  { withFileTypes: true },
)
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
  .map(({ name }) => name);

/** The kiosk that the sandbox's card reader stands beside. */
const READER_KIOSK_ID = randomUUID();

export interface Fleet {
  supabase: TestSupabase;
  sandbox: TestSandbox;
  livekit: TestLivekit;
  functions: EdgeFunctions;
  stop(): Promise<void>;
}

/** @param keyForm of the project's API keys; with `opaque` the functions get no service role key at all */
export async function startFleet(keyForm: KeyForm = 'jwt'): Promise<Fleet> {
  const port = await freePort();
  const gateway = `http://127.0.0.1:${port}/functions/v1`;
  const [livekit, supabase, sandbox] = await Promise.all([
    startTestLivekit(),
    startTestSupabase({ keyForm }),
    startTestSandbox({ webhookUrl: `${gateway}/stripe-webhook` }),
  ]);
  let functions: EdgeFunctions | undefined;
  const stop = async () => {
    await functions?.stop();
    await livekit.stop();
    await sandbox.close();
    await supabase.stop();
  };
  try {
    functions = await startEdgeFunctions(FUNCTIONS, {
      port,
      env: {
        SUPABASE_URL: supabase.url,
        ...projectKeys(keyForm, supabase.serviceRoleKey),
        PUBLIC_URL: `${gateway}/claim`,
        STRIPE_SECRET_KEY: TEST_SECRET_KEY,
        STRIPE_WEBHOOK_SECRET: TEST_WEBHOOK_SECRET,
        STRIPE_API_BASE: sandbox.url,
        TERMINAL_READERS: JSON.stringify({ [READER_KIOSK_ID]: TEST_READER }),
        LIVEKIT_URL: `ws://127.0.0.1:${livekit.options.port}`,
        LIVEKIT_API_KEY: livekit.options.apiKey,
        LIVEKIT_API_SECRET: livekit.options.apiSecret,
        CODE_KEYS: JSON.stringify([{ id: 'k1', secret: randomBytes(32).toString('base64url') }]),
      },
    });
    return { supabase, sandbox, livekit, functions, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What Supabase gives every function of a project with such keys. */
function projectKeys(form: KeyForm, key: string): Record<string, string> {
  if (form === 'jwt') return { SUPABASE_SERVICE_ROLE_KEY: key };
  return { SUPABASE_SECRET_KEYS: JSON.stringify({ default: key }) };
}

/** A one-time code for a new kiosk, as staff makes it. */
export async function enrolmentCode(
  { supabase }: Pick<Fleet, 'supabase'>,
  options: { name?: string; replaces?: string } = {},
): Promise<string> {
  const { data, error } = await supabase.service().rpc('create_kiosk_enrolment', {
    p_name: options.name ?? 'Fleet kiosk',
    p_replaces: options.replaces ?? null,
  });
  if (error) throw error;
  return z.object({ code: z.string() }).parse(data).code;
}

/** A new kiosk, enrolled through the function and signed in. */
export async function kioskInFleet(fleet: Fleet): Promise<DeviceAccount & { token: string }> {
  const answer = await call({ url: fleet.functions.url }, undefined, 'POST /enrol', {
    code: await enrolmentCode(fleet),
  });
  const account = deviceAccountSchema.parse(answer.body);
  return { ...account, token: await tokenOf(fleet.supabase, account) };
}

/** The kiosk with the card reader beside it, signed in; its id was known before it came. */
export async function kioskWithReader({ supabase }: Fleet): Promise<{ token: string }> {
  const login = { email: `${READER_KIOSK_ID}@kiosk.invalid`, password: randomBytes(12).toString('hex') };
  const metadata = { kind: 'kiosk', kiosk_id: READER_KIOSK_ID };
  const service = supabase.service();
  const account = { ...login, email_confirm: true, app_metadata: metadata };
  const { data, error } = await service.auth.admin.createUser(account);
  if (error) throw error;
  const kiosk = { p_kiosk_id: READER_KIOSK_ID, p_auth_user_id: data.user.id, p_name: 'With a reader' };
  const enrolled = await service.rpc('enrol_kiosk', kiosk);
  if (enrolled.error) throw enrolled.error;
  return { token: await tokenOf(supabase, login) };
}

/** A customer's account, signed in; its id is that of its wallet. */
export async function customerInFleet({ supabase }: Fleet): Promise<{ id: string; token: string }> {
  const login = { email: `${randomUUID()}@mindbot.example`, password: randomBytes(12).toString('hex') };
  const { data, error } = await supabase.service().auth.admin.createUser({ ...login, email_confirm: true });
  if (error) throw error;
  return { id: data.user.id, token: await tokenOf(supabase, login) };
}

async function tokenOf(supabase: TestSupabase, login: { email: string; password: string }): Promise<string> {
  const session = await supabase.client().auth.signInWithPassword(login);
  if (session.error) throw session.error;
  return session.data.session.access_token;
}
