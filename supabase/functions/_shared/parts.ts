/**
 * What the functions work with: the relay's own modules, made once per isolate from the project's secrets. Missing or
 * wrong ones stop the function with one message that names them all.
 */
import { z } from 'zod';
import { createAuthAccounts } from '../../../src-relay/doors/auth-accounts.ts';
import { createCredentialReader } from '../../../src-relay/doors/credentials.ts';
import { createServiceClient } from '../../../src-relay/doors/database/client.ts';
import { createDatabase } from '../../../src-relay/doors/database/database.ts';
import { createCardReaders } from '../../../src-relay/doors/stripe/card-reader.ts';
import { createStripeClient, isLiveKey } from '../../../src-relay/doors/stripe/client.ts';
import { createStripeGateway } from '../../../src-relay/doors/stripe/gateway.ts';
import { readerIdSchema, relayEnvironment } from '../../../src-relay/environment.ts';
import { CodeBook } from '../../../src-relay/model/codes.ts';
import { createSettler } from '../../../src-relay/payments/settle.ts';
import { jsonVariable, readEnvironment } from '../../../src-runtime/environment.ts';
import { counters, log } from './log.ts';
import { readProjectKeys } from './project-keys.ts';

const functionEnvironment = relayEnvironment
  .pick({
    PUBLIC_URL: true,
    SUPABASE_URL: true,
    SUPABASE_SERVICE_ROLE_KEY: true,
    STRIPE_SECRET_KEY: true,
    STRIPE_WEBHOOK_SECRET: true,
    STRIPE_API_BASE: true,
    CODE_KEYS: true,
    WEBHOOK_PAYLOAD_DAYS: true,
  })
  .extend({
    /** Card readers by the id of the kiosk that each stands beside: `{"<kiosk id>":"tmr_…"}`. */
    TERMINAL_READERS: jsonVariable(z.record(z.uuid(), readerIdSchema)).default({}),
  });

function makeParts() {
  const variables = Deno.env.toObject();
  const projectKeys = readProjectKeys(variables);
  const env = readEnvironment(functionEnvironment, {
    // Supabase gives its own address; the claim page is a function beside this one.
    PUBLIC_URL: `${variables['SUPABASE_URL']}/functions/v1/claim`,
    ...variables,
    SUPABASE_SERVICE_ROLE_KEY: projectKeys.own,
  });
  const nowMs = () => Date.now();
  const client = createServiceClient(env.SUPABASE_URL, env.SUPABASE_SERVICE_ROLE_KEY);
  const database = createDatabase(client);
  const stripeClient = createStripeClient(env.STRIPE_SECRET_KEY, env.STRIPE_API_BASE);
  const stripe = createStripeGateway(stripeClient);
  const codes = new CodeBook(env.CODE_KEYS);
  const metrics = counters;
  return {
    publicUrl: env.PUBLIC_URL,
    livemode: isLiveKey(env.STRIPE_SECRET_KEY),
    webhookSecrets: env.STRIPE_WEBHOOK_SECRET,
    stripeKey: env.STRIPE_SECRET_KEY,
    webhookPayloadDays: env.WEBHOOK_PAYLOAD_DAYS,
    projectKeys,
    supabaseUrl: env.SUPABASE_URL,
    credentials: createCredentialReader({ supabaseUrl: env.SUPABASE_URL, nowMs }),
    ...database,
    accounts: createAuthAccounts(client),
    stripe,
    readers: createCardReaders(stripeClient, env.TERMINAL_READERS, env.STRIPE_API_BASE),
    // The page with the card fields is for the one computer that its own relay serves.
    payHere: undefined,
    codes,
    settler: createSettler({ ...database, stripe, codes, metrics, log }),
    metrics,
    log,
    nowMs,
  };
}

export const parts = makeParts();
