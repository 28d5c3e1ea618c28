/** The variables of the relay, checked at start. docs/contracts.md says who sets them. */
import { z } from 'zod';
import { jsonVariable, portVariable } from '../src-runtime/environment.ts';
import { deviceAccountSchema } from '../src-shared/relay-api.ts';
import { codeKeySchema } from './model/codes.ts';

/** Absent and empty are the same. */
function optional<Schema extends z.ZodType>(schema: Schema) {
  return z.union([z.literal('').transform(() => undefined), schema]).optional();
}

/** An address without a slash at its end. */
const address = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));

export const adminAccountSchema = z.object({ email: z.email(), password: z.string().min(8) });

export const readerIdSchema = z.string().regex(/^tmr_\w+$/, 'must be the id of a card reader (tmr_…)');

export const relayEnvironment = z.object({
  PORT: portVariable,
  /** Origin under which a payer's browser reaches the claim page. */
  PUBLIC_URL: address,
  SUPABASE_URL: address,
  SUPABASE_SERVICE_ROLE_KEY: z.string().min(1),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_(test|live)_\w+$/, 'must be a secret key of Stripe (sk_… or rk_…)'),
  /** One secret, or several with commas between them while one is being rolled. */
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .transform((text) => text.split(',').map((secret) => secret.trim()))
    .pipe(z.array(z.string().regex(/^whsec_\S+$/, 'must be a signing secret of Stripe (whsec_…)')).min(1)),
  /** Another server speaking Stripe's API; empty for Stripe itself. */
  STRIPE_API_BASE: z.union([z.literal(''), address]).default(''),
  /** The card reader beside the kiosk of KIOSK_ACCOUNT; empty where there is none. */
  STRIPE_TERMINAL_READER: optional(readerIdSchema),
  /** Lets customers type a card at the kiosk of KIOSK_ACCOUNT; empty where that is not offered. */
  STRIPE_PUBLISHABLE_KEY: optional(
    z.string().regex(/^pk_(test|live)_\w+$/, 'must be a publishable key of Stripe (pk_…)'),
  ),
  /** Origin of that kiosk's own page: the only one that may show the card fields. */
  STATION_ORIGIN: optional(address),
  CODE_KEYS: jsonVariable(z.array(codeKeySchema).min(1)),
  KIOSK_ACCOUNT: optional(jsonVariable(deviceAccountSchema)),
  ADMIN_ACCOUNT: optional(jsonVariable(adminAccountSchema)),
});
export type RelayEnvironment = z.infer<typeof relayEnvironment>;
