/**
 * The operator's settings, from the environment and `.env`, checked once at start (spec §8). What is not set is
 * embedded. Promise: one message names everything missing or wrong and how to mend it.
 */
import { z } from 'zod';

const optionalText = z
  .string()
  .trim()
  .transform((text) => (text === '' ? undefined : text))
  .optional();
const optionalUrl = optionalText.pipe(
  z.url({ error: 'is not an address; it looks like https://host/' }).optional(),
);
const optionalPort = optionalText
  .refine((text) => text === undefined || isPort(Number(text)), { error: 'is not a port (1 … 65535)' })
  .transform((text) => (text === undefined ? undefined : Number(text)));

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

const environmentSchema = z.object({
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
  LIVEKIT_URL: optionalText.pipe(
    z
      .string()
      .regex(/^wss?:\/\//, 'must begin with ws:// or wss://')
      .optional(),
  ),
  LIVEKIT_API_KEY: optionalText,
  LIVEKIT_API_SECRET: optionalText,
  OPENAI_API_KEY: optionalText,
  OPENAI_BASE_URL: optionalUrl,
  OPENAI_LLM_MODEL: z.string().min(1).default('gpt-4.1-mini'),
  OPENAI_TTS_MODEL: z.string().min(1).default('gpt-4o-mini-tts'),
  OPENAI_TTS_VOICE: z.string().min(1).default('alloy'),
  DEEPGRAM_API_KEY: optionalText,
  DEEPGRAM_BASE_URL: optionalText.pipe(
    z
      .string()
      .regex(/^wss?:\/\//, 'must begin with ws:// or wss://')
      .optional(),
  ),
  DEEPGRAM_MODEL: z.string().min(1).default('nova-3'),
  STRIPE_SECRET_KEY: optionalText.pipe(
    z
      .string()
      .regex(
        /^(sk|rk)_(test|live)_/,
        'must begin with sk_test_, sk_live_, rk_test_ or rk_live_ (Stripe dashboard → Developers → API keys)',
      )
      .optional(),
  ),
  STRIPE_WEBHOOK_SECRET: optionalText.pipe(
    z
      .string()
      .regex(
        /^whsec_/,
        'must begin with whsec_ (Stripe dashboard → Webhooks, or `stripe listen --print-secret`)',
      )
      .optional(),
  ),
  /** The key that browsers show to Stripe; public. Needed for PAY_HERE only. */
  STRIPE_PUBLISHABLE_KEY: optionalText.pipe(
    z
      .string()
      .regex(
        /^pk_(test|live)_/,
        'must begin with pk_test_ or pk_live_ (Stripe dashboard → Developers → API keys)',
      )
      .optional(),
  ),
  /** Customers may type a card at this computer: for an own desktop, never for a public kiosk. */
  PAY_HERE: z.enum(['on', 'off', ''], { error: 'must be on or off' }).default('off'),
  /** The card reader beside the kiosk; embedded payments have a simulated one. */
  STRIPE_TERMINAL_READER: optionalText.pipe(
    z
      .string()
      .regex(/^tmr_\w+$/, 'must begin with tmr_ (Stripe dashboard → Terminal → Readers)')
      .optional(),
  ),
  /** JSON list of code keys; only needed when several boxes share one Supabase project. */
  CODE_KEYS: optionalText,
  /** Public address of the relay, for the claim page behind a tunnel or proxy. */
  RELAY_PUBLIC_URL: optionalUrl,
});

export type Settings = z.infer<typeof environmentSchema>;

/** Parts that run embedded because their settings are absent. */
export interface EmbeddedParts {
  supabase: boolean;
  livekit: boolean;
  stripe: boolean;
  openai: boolean;
  deepgram: boolean;
}

export function embeddedParts(settings: Settings): EmbeddedParts {
  return {
    supabase: !settings.SUPABASE_URL,
    livekit: !settings.LIVEKIT_URL,
    // Where the relay is elsewhere, so are the payments.
    stripe: !settings.STRIPE_SECRET_KEY && !settings.RELAY_URL,
    openai: !settings.OPENAI_API_KEY,
    deepgram: !settings.DEEPGRAM_API_KEY,
  };
}

export class SettingsError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? 'One setting needs' : `${problems.length} settings need`;
    super(
      `${count} your attention (environment or .env):\n${problems.map((problem) => `  • ${problem}`).join('\n')}\nNothing was started. Mend them and start again.`,
    );
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

/**
 * Checks all settings at once.
 * @throws SettingsError naming every problem with its remedy
 */
export function readSettings(source: Readonly<Record<string, string | undefined>>): Settings {
  const result = environmentSchema.safeParse(source);
  const problems = result.success
    ? []
    : result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  const raw = (name: keyof Settings) => Boolean(source[name]?.trim());
  problems.push(
    ...groupProblems(raw),
    ...fleetProblems(raw),
    ...payHereProblems(source),
    ...productionProblems(source, raw),
  );
  if (!result.success || problems.length > 0) throw new SettingsError(problems);
  return result.data;
}

/** Settings that only make sense together: all of a group or none. */
const GROUPS: readonly { names: readonly (keyof Settings)[]; where: string; instead: string }[] = [
  {
    names: ['SUPABASE_URL', 'SUPABASE_ANON_KEY', 'SUPABASE_SERVICE_ROLE_KEY'],
    where: 'Supabase dashboard → Project settings → API',
    instead: 'the embedded database',
  },
  {
    names: ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET'],
    where: 'LiveKit Cloud → Settings → Keys, or your server’s config',
    instead: 'the embedded LiveKit server',
  },
  {
    names: ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'],
    where: 'Stripe dashboard → Developers',
    instead: 'the Stripe sandbox',
  },
];

/** What only a relay may hold: a kiosk of a fleet can be stolen with its disk. */
const RELAY_SECRETS: readonly (keyof Settings)[] = [
  'SUPABASE_SERVICE_ROLE_KEY',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'CODE_KEYS',
];

function fleetProblems(isSet: (name: keyof Settings) => boolean): string[] {
  if (!isSet('RELAY_URL')) return [];
  const tooMuch = RELAY_SECRETS.filter(isSet).map(
    (name) =>
      `${name} must not be on a kiosk of a fleet (RELAY_URL is set): keep it at the relay, remove it here`,
  );
  if (isSet('SUPABASE_URL')) return tooMuch;
  return [...tooMuch, 'SUPABASE_URL is missing, but RELAY_URL is set: both belong to the fleet’s project'];
}

function groupProblems(isSet: (name: keyof Settings) => boolean): string[] {
  return GROUPS.flatMap(({ names: all, where, instead }) => {
    const names = isSet('RELAY_URL') ? all.filter((name) => !RELAY_SECRETS.includes(name)) : all;
    const missing = names.filter((name) => !isSet(name));
    if (missing.length === 0 || missing.length === names.length) return [];
    const present = names.filter(isSet).join(', ');
    return missing.map(
      (name) =>
        `${name} is missing, but ${present} is set: find it at ${where}, or unset both to use ${instead}`,
    );
  });
}

/** A card typed here: both keys of one mode, a relay of its own, and a page that Stripe.js runs in. */
function payHereProblems(source: Readonly<Record<string, string | undefined>>): string[] {
  const value = (name: keyof Settings) => source[name]?.trim() ?? '';
  const [secret, publishable] = [value('STRIPE_SECRET_KEY'), value('STRIPE_PUBLISHABLE_KEY')];
  const problems: string[] = [];
  if (publishable && !secret) {
    problems.push('STRIPE_SECRET_KEY is missing, but STRIPE_PUBLISHABLE_KEY is set: set both, or neither');
  }
  const mode = (key: string) => /^[a-z]+_(test|live)_/.exec(key)?.[1];
  if (mode(publishable) && mode(secret) && mode(publishable) !== mode(secret)) {
    problems.push(
      `STRIPE_PUBLISHABLE_KEY is a ${mode(publishable)} key, but STRIPE_SECRET_KEY is a ${mode(secret)} key: copy both from the same mode of the Stripe dashboard`,
    );
  }
  if (value('PAY_HERE') !== 'on') return problems;
  if (value('RELAY_URL')) {
    problems.push('PAY_HERE=on is for a desktop with a relay of its own, but RELAY_URL is set: remove one');
  }
  if (secret && !publishable) {
    problems.push(
      'STRIPE_PUBLISHABLE_KEY is missing, but PAY_HERE=on: find it at Stripe dashboard → Developers → API keys',
    );
  }
  if (mode(secret) === 'live' && !value('RELAY_PUBLIC_URL').startsWith('https://')) {
    problems.push(
      'RELAY_PUBLIC_URL must begin with https://, since PAY_HERE=on: with live keys Stripe’s card fields work on HTTPS only',
    );
  }
  return problems;
}

function productionProblems(
  source: Readonly<Record<string, string | undefined>>,
  isSet: (name: keyof Settings) => boolean,
): string[] {
  if (source['ENVIRONMENT'] !== 'production') return [];
  const needed: readonly [keyof Settings, string][] = [
    ['STRIPE_SECRET_KEY', 'test payments must not run in production'],
    ['OPENAI_API_KEY', 'the scripted assistant must not run in production'],
    ['DEEPGRAM_API_KEY', 'the demo speech recogniser must not run in production'],
  ];
  return (
    needed
      // The relay of a fleet holds Stripe's key.
      .filter(([name]) => !isSet(name) && !(name === 'STRIPE_SECRET_KEY' && isSet('RELAY_URL')))
      .map(([name, why]) => `${name} is missing: ENVIRONMENT=production, and ${why}`)
  );
}
