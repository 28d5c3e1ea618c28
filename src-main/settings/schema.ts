/** The operator's settings one by one: name, form, what stands in for it when it is not set. */
import { z } from 'zod';
import { DEFAULT_MODELS } from '../../src-shared/default-models.ts';
import {
  earsEntrySchema,
  mindEntrySchema,
  providerList,
  voiceEntrySchema,
} from '../../src-shared/providers.ts';

// Values come as as-written.ts leaves them: trimmed, and absent where they were empty.
const optionalText = z.string().optional();
const optionalUrl = z
  .url({
    protocol: /^https?$/,
    error: 'is not an address; it begins with https:// (or http://), like https://host/',
  })
  .optional();
const optionalPort = z
  .string()
  .refine((text) => isPort(Number(text)), { error: 'is not a port (1 … 65535)' })
  .transform(Number)
  .optional();

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

export const environmentSchema = z.object({
  ENVIRONMENT: z
    .enum(['development', 'test', 'production'], { error: 'must be development, test or production' })
    .default('development'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be fatal, error, warn, info, debug, trace or silent',
    })
    .default('info'),
  MINDBOT_DATA_DIR: optionalText,
  PROMETHEUS_PORT: optionalPort,
  HEALTH_CHECK_PORT: optionalPort,
  RELAY_PORT: optionalPort,
  /** A kiosk of a fleet: the operator's relay, or `https://<project>.supabase.co/functions/v1`; none runs here then. */
  RELAY_URL: optionalUrl,
  SUPABASE_URL: optionalUrl,
  SUPABASE_ANON_KEY: optionalText,
  SUPABASE_SERVICE_ROLE_KEY: optionalText,
  LIVEKIT_URL: z
    .string()
    .regex(/^wss?:\/\//, 'must begin with ws:// or wss://')
    .optional(),
  LIVEKIT_API_KEY: optionalText,
  LIVEKIT_API_SECRET: optionalText,
  OPENAI_API_KEY: optionalText,
  OPENAI_BASE_URL: optionalUrl,
  OPENAI_LLM_MODEL: z.string().default(DEFAULT_MODELS.OPENAI_LLM_MODEL),
  OPENAI_TTS_MODEL: optionalText,
  OPENAI_TTS_VOICE: optionalText,
  /** JSON lists of providers in the order in which they are asked, instead of the plain settings: docs/voice.md. */
  EARS_PROVIDERS: providerList(earsEntrySchema),
  MIND_PROVIDERS: providerList(mindEntrySchema),
  VOICE_PROVIDERS: providerList(voiceEntrySchema),
  /** Whether time is sold while no provider of mind or voice answers. */
  SELL_WITHOUT_VOICE: z.enum(['on', 'off'], { error: 'must be on or off' }).default('off'),
  DEEPGRAM_API_KEY: optionalText,
  DEEPGRAM_BASE_URL: z
    .string()
    .regex(/^wss?:\/\//, 'must begin with ws:// or wss://')
    .optional(),
  DEEPGRAM_MODEL: z.string().default(DEFAULT_MODELS.DEEPGRAM_MODEL),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(
      /^(sk|rk)_(test|live)_/,
      'must begin with sk_test_, sk_live_, rk_test_ or rk_live_ (Stripe dashboard → Developers → API keys)',
    )
    .optional(),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(
      /^whsec_/,
      'must begin with whsec_ (Stripe dashboard → Webhooks, or `stripe listen --print-secret`)',
    )
    .optional(),
  /** The key that browsers show to Stripe; public. Needed for PAY_HERE only. */
  STRIPE_PUBLISHABLE_KEY: z
    .string()
    .regex(
      /^pk_(test|live)_/,
      'must begin with pk_test_ or pk_live_ (Stripe dashboard → Developers → API keys)',
    )
    .optional(),
  /** Customers may type a card at this computer: for an own desktop, never for a public kiosk. */
  PAY_HERE: z.enum(['on', 'off'], { error: 'must be on or off' }).default('off'),
  /** The card reader beside the kiosk; embedded payments have a simulated one. */
  STRIPE_TERMINAL_READER: z
    .string()
    .regex(/^tmr_\w+$/, 'must begin with tmr_ (Stripe dashboard → Terminal → Readers)')
    .optional(),
  /** How long the text of a webhook event is kept; it holds the payer's e-mail address. 90 days when absent. */
  WEBHOOK_PAYLOAD_DAYS: z.coerce
    .number({ error: 'must be a number of days' })
    .int('must be whole days')
    .min(1, 'must be at least 1 day')
    .max(3650, 'must be at most 3650 days')
    .optional(),
  /** JSON list of code keys; only needed when several boxes share one Supabase project. */
  CODE_KEYS: optionalText,
  /** Address at which a payer's phone reaches the relay here: its tunnel or proxy. Demanded in production. */
  RELAY_PUBLIC_URL: optionalUrl,
});

export type Settings = z.infer<typeof environmentSchema>;
