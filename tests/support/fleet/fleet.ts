/**
 * For tests: a fleet's server side without any relay: embedded Supabase, Stripe sandbox, livekit-server, Edge Functions
 * under Deno.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type DeviceAccount, deviceAccountSchema } from '../../../src-shared/relay-api.ts';
import { freePort } from '../processes/free-port.ts';
import { call } from '../relay/relay.ts';
import {
  startTestSandbox,
  TEST_SECRET_KEY,
  TEST_WEBHOOK_SECRET,
  type TestSandbox,
} from '../stripe/stripe-sandbox.ts';
import { startTestSupabase, type TestSupabase } from '../supabase/supabase.ts';
import { startTestLivekit, type TestLivekit } from '../talk/livekit.ts';
import { type EdgeFunctions, startEdgeFunctions } from './edge-functions.ts';

const FUNCTIONS = [
  'stripe-webhook',
  'create-payment',
  'redeem',
  'claim',
  'enrol',
  'card-batches',
  'rooms',
  'housekeeping',
] as const;

export interface Fleet {
  supabase: TestSupabase;
  sandbox: TestSandbox;
  livekit: TestLivekit;
  functions: EdgeFunctions;
  stop(): Promise<void>;
}

export async function startFleet(): Promise<Fleet> {
  const port = await freePort();
  const gateway = `http://127.0.0.1:${port}/functions/v1`;
  const [livekit, supabase, sandbox] = await Promise.all([
    startTestLivekit(),
    startTestSupabase(),
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
        SUPABASE_SERVICE_ROLE_KEY: supabase.serviceRoleKey,
        PUBLIC_URL: `${gateway}/claim`,
        STRIPE_SECRET_KEY: TEST_SECRET_KEY,
        STRIPE_WEBHOOK_SECRET: TEST_WEBHOOK_SECRET,
        STRIPE_API_BASE: sandbox.url,
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
  const session = await fleet.supabase.client().auth.signInWithPassword(account);
  if (session.error) throw session.error;
  return { ...account, token: session.data.session.access_token };
}
