/**
 * The embedded Stripe sandbox: used when STRIPE_SECRET_KEY of a Stripe account isn't set. It speaks Stripe's REST
 * protocol, so that the product uses the official client unchanged. No real money moves here.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { runChild } from '../../src-runtime/child.ts';
import { portVariable } from '../../src-runtime/environment.ts';
import { startSandbox } from './server.ts';

const environment = z.object({
  PORT: portVariable,
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^sk_test_[A-Za-z0-9_]{8,}$/, 'must be sk_test_ and at least 8 characters'),
  STRIPE_PUBLISHABLE_KEY: z
    .string()
    .regex(/^pk_test_[A-Za-z0-9_]{8,}$/, 'must be pk_test_ and at least 8 characters')
    .optional(),
  STRIPE_WEBHOOK_SECRET: z.string().regex(/^whsec_\S{8,}$/, 'must be whsec_ and at least 8 characters'),
  WEBHOOK_URL: z.url({ protocol: /^https?$/ }).optional(),
  SANDBOX_FAULTS: z.enum(['0', '1', '']).default('0'),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Id of a simulated card reader that is there from the start. */
  TERMINAL_READER: z
    .string()
    .regex(/^tmr_\w+$/, 'must be the id of a reader (tmr_…)')
    .optional(),
});

runChild({
  name: 'stripe',
  logFile: 'embedded-stripe.log',
  environment,
  async start({ env, log }) {
    const faults = env.SANDBOX_FAULTS === '1';
    if (env.ENVIRONMENT === 'production') {
      throw new Error(
        faults
          ? 'SANDBOX_FAULTS=1 is for tests and is refused when ENVIRONMENT=production.'
          : 'Test payments are refused when ENVIRONMENT=production. Set STRIPE_SECRET_KEY to the key of a Stripe account.',
      );
    }
    mkdirSync(env.MINDBOT_DATA_DIR, { recursive: true, mode: 0o700 });
    const sandbox = await startSandbox({
      port: env.PORT,
      databasePath: join(env.MINDBOT_DATA_DIR, 'stripe-sandbox.sqlite'),
      secretKey: env.STRIPE_SECRET_KEY,
      publishableKey: env.STRIPE_PUBLISHABLE_KEY ?? null,
      webhook: env.WEBHOOK_URL ? { url: env.WEBHOOK_URL, secret: env.STRIPE_WEBHOOK_SECRET } : null,
      faults,
      publicUrl: env.PUBLIC_URL ?? null,
      readerId: env.TERMINAL_READER ?? null,
      instanceId: env.MINDBOT_INSTANCE_ID,
      log,
    });
    return () => sandbox.close();
  },
});
