/**
 * The operator's settings, from the environment and `.env`, checked once at start. What is not set is
 * embedded. Promise: one message names everything missing or wrong and how to mend it.
 */
import { z } from 'zod';
import { isEdgeFunctions } from '../../src-shared/relay-address.ts';
import { payHereProblems } from './pay-here.ts';

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
    // Speech goes where the agent is.
    openai: !settings.OPENAI_API_KEY && !hasRoomsByFunction(settings),
    deepgram: !settings.DEEPGRAM_API_KEY && !hasRoomsByFunction(settings),
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
  const elsewhere = [
    ...(raw('RELAY_URL') ? RELAY_SECRETS : []),
    ...(result.success && hasRoomsByFunction(result.data) ? AGENT_SECRETS : []),
  ];
  problems.push(
    ...groupProblems(raw, elsewhere),
    ...fleetProblems(raw),
    ...payHereProblems((name) => source[name]?.trim() ?? ''),
    ...(source['ENVIRONMENT'] === 'production' ? productionProblems(raw, elsewhere) : []),
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

/** What an agent needs, and the station of a single box. */
const AGENT_SECRETS: readonly (keyof Settings)[] = [
  'LIVEKIT_API_KEY',
  'LIVEKIT_API_SECRET',
  'OPENAI_API_KEY',
  'DEEPGRAM_API_KEY',
];

/** True at a kiosk of a fleet without the LiveKit keys: the Edge Functions make its rooms, its agents run elsewhere. */
export function hasRoomsByFunction(settings: Settings): boolean {
  const { RELAY_URL, LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = settings;
  const areFunctions = RELAY_URL !== undefined && isEdgeFunctions(RELAY_URL);
  return areFunctions && Boolean(LIVEKIT_URL) && !LIVEKIT_API_KEY && !LIVEKIT_API_SECRET;
}

function fleetProblems(isSet: (name: keyof Settings) => boolean): string[] {
  if (!isSet('RELAY_URL')) return [];
  const tooMuch = RELAY_SECRETS.filter(isSet).map(
    (name) =>
      `${name} must not be on a kiosk of a fleet (RELAY_URL is set): keep it at the relay, remove it here`,
  );
  if (isSet('SUPABASE_URL')) return tooMuch;
  return [...tooMuch, 'SUPABASE_URL is missing, but RELAY_URL is set: both belong to the fleet’s project'];
}

/** @param elsewhere settings that belong to another machine */
function groupProblems(
  isSet: (name: keyof Settings) => boolean,
  elsewhere: readonly (keyof Settings)[],
): string[] {
  return GROUPS.flatMap(({ names: all, where, instead }) => {
    const names = all.filter((name) => !elsewhere.includes(name));
    const missing = names.filter((name) => !isSet(name));
    if (missing.length === 0 || missing.length === names.length) return [];
    const present = names.filter(isSet).join(', ');
    return missing.map(
      (name) =>
        `${name} is missing, but ${present} is set: find it at ${where}, or unset both to use ${instead}`,
    );
  });
}

function productionProblems(
  isSet: (name: keyof Settings) => boolean,
  elsewhere: readonly (keyof Settings)[],
): string[] {
  const needed: readonly [keyof Settings, string][] = [
    ['STRIPE_SECRET_KEY', 'test payments must not run in production'],
    ['OPENAI_API_KEY', 'the scripted assistant must not run in production'],
    ['DEEPGRAM_API_KEY', 'the demo speech recogniser must not run in production'],
  ];
  return needed
    .filter(([name]) => !isSet(name) && !elsewhere.includes(name))
    .map(([name, why]) => `${name} is missing: ENVIRONMENT=production, and ${why}`);
}
