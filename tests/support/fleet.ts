/** For tests: a fleet's server side without any relay: embedded Supabase, Stripe sandbox, Edge Functions under Deno. */
import { randomBytes, randomUUID } from 'node:crypto';
import { type EdgeFunctions, startEdgeFunctions } from './edge-functions.ts';
import {
  startTestSandbox,
  TEST_SECRET_KEY,
  TEST_WEBHOOK_SECRET,
  type TestSandbox,
} from './stripe-sandbox.ts';
import { freePort, startTestSupabase, type TestSupabase } from './supabase.ts';

const FUNCTIONS = ['stripe-webhook', 'create-payment', 'redeem', 'claim'] as const;

export interface Fleet {
  supabase: TestSupabase;
  sandbox: TestSandbox;
  functions: EdgeFunctions;
  stop(): Promise<void>;
}

export async function startFleet(): Promise<Fleet> {
  const port = await freePort();
  const gateway = `http://127.0.0.1:${port}/functions/v1`;
  const [supabase, sandbox] = await Promise.all([
    startTestSupabase(),
    startTestSandbox({ webhookUrl: `${gateway}/stripe-webhook` }),
  ]);
  let functions: EdgeFunctions | undefined;
  const stop = async () => {
    await functions?.stop();
    await sandbox.close();
    await supabase.stop();
  };
  try {
    functions = await startEdgeFunctions(FUNCTIONS, {
      port,
      env: {
        SUPABASE_URL: supabase.url,
        SUPABASE_SERVICE_ROLE_KEY: supabase.serviceRoleKey,
        PUBLIC_URL: `${gateway}/claim`,
        STRIPE_SECRET_KEY: TEST_SECRET_KEY,
        STRIPE_WEBHOOK_SECRET: TEST_WEBHOOK_SECRET,
        STRIPE_API_BASE: sandbox.url,
        CODE_KEYS: JSON.stringify([{ id: 'k1', secret: randomBytes(32).toString('base64url') }]),
      },
    });
    return { supabase, sandbox, functions, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A kiosk with its device account, signed in. */
export async function kioskInFleet({ supabase }: Fleet): Promise<{ kioskId: string; token: string }> {
  const kioskId = randomUUID();
  const account = { email: `${kioskId}@kiosk.invalid`, password: randomBytes(12).toString('hex') };
  const service = supabase.service();
  const { data, error } = await service.auth.admin.createUser({
    ...account,
    email_confirm: true,
    app_metadata: { kind: 'kiosk', kiosk_id: kioskId },
  });
  if (error) throw error;
  const ids = { p_kiosk_id: kioskId, p_auth_user_id: data.user.id };
  const enrolled = await service.rpc('enrol_kiosk', { ...ids, p_name: 'Fleet kiosk' });
  if (enrolled.error) throw enrolled.error;
  const session = await supabase.client().auth.signInWithPassword(account);
  if (session.error) throw session.error;
  return { kioskId, token: session.data.session.access_token };
}
