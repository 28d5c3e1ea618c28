/** Rules between settings: what belongs together, what a kiosk of a fleet must not hold, what production demands. */
import { hasRoomsByFunction } from './parts.ts';
import { payHereProblems } from './pay-here.ts';
import type { Settings } from './schema.ts';
import { supabaseKeyProblems } from './supabase-keys.ts';

/** The set values by name, as text. */
export type Values = Readonly<Partial<Record<keyof Settings, string>>>;

/** What is started: a whole station, or an agent alone, which reads nothing of payments and of the database. */
export type Role = 'station' | 'agent';

/** Settings that only make sense together: all of a group or none. */
const GROUPS: readonly { names: readonly (keyof Settings)[]; where: string; instead: string }[] = [
  {
    names: ['SUPABASE_URL', 'SUPABASE_ANON_KEY', 'SUPABASE_SERVICE_ROLE_KEY'],
    where: 'Supabase dashboard → Project Settings → API Keys',
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

/** Read by a relay or a station, and by no agent. */
const RELAY_SETTINGS: readonly (keyof Settings)[] = [...RELAY_SECRETS, 'SUPABASE_URL', 'SUPABASE_ANON_KEY'];

/** What an agent needs, and the station of a single box. */
const AGENT_SECRETS: readonly (keyof Settings)[] = [
  'LIVEKIT_API_KEY',
  'LIVEKIT_API_SECRET',
  'OPENAI_API_KEY',
  'DEEPGRAM_API_KEY',
];

/** Every rule that `values` break, each as a sentence with its remedy. */
export function ruleProblems(values: Values, role: Role): string[] {
  if (role === 'agent') return groupProblems(values, RELAY_SETTINGS);
  const elsewhere = [
    ...(values.RELAY_URL ? RELAY_SECRETS : []),
    ...(hasRoomsByFunction(values) ? AGENT_SECRETS : []),
  ];
  return [
    ...groupProblems(values, elsewhere),
    ...fleetProblems(values),
    ...payHereProblems((name) => values[name] ?? ''),
    ...supabaseKeyProblems((name) => values[name] ?? ''),
    ...(values.ENVIRONMENT === 'production' ? productionProblems(values, elsewhere) : []),
  ];
}

function fleetProblems(values: Values): string[] {
  if (!values.RELAY_URL) return [];
  const tooMuch = RELAY_SECRETS.filter((name) => values[name]).map(
    (name) =>
      `${name} must not be on a kiosk of a fleet (RELAY_URL is set): keep it at the relay, remove it here`,
  );
  if (values.SUPABASE_URL) return tooMuch;
  return [...tooMuch, 'SUPABASE_URL is missing, but RELAY_URL is set: both belong to the fleet’s project'];
}

/** @param elsewhere settings that belong to another machine */
function groupProblems(values: Values, elsewhere: readonly (keyof Settings)[]): string[] {
  return GROUPS.flatMap(({ names: all, where, instead }) => {
    const names = all.filter((name) => !elsewhere.includes(name));
    const missing = names.filter((name) => !values[name]);
    if (missing.length === 0 || missing.length === names.length) return [];
    const present = names.filter((name) => values[name]).join(', ');
    return missing.map(
      (name) =>
        `${name} is missing, but ${present} is set: find it at ${where}, or unset both to use ${instead}`,
    );
  });
}

function productionProblems(values: Values, elsewhere: readonly (keyof Settings)[]): string[] {
  const needed: readonly [keyof Settings, string][] = [
    ['STRIPE_SECRET_KEY', 'test payments must not run in production'],
    ['OPENAI_API_KEY', 'the scripted assistant must not run in production'],
    ['DEEPGRAM_API_KEY', 'the demo speech recogniser must not run in production'],
  ];
  return [
    ...needed
      .filter(([name]) => !values[name] && !elsewhere.includes(name))
      .map(([name, why]) => `${name} is missing: ENVIRONMENT=production, and ${why}`),
    ...publicAddressProblems(values),
  ];
}

const LOOPBACK = /^https?:\/\/(localhost|127\.[\d.]+|\[::1\])(:|\/|$)/i;

/** A payer's phone lands on the relay's claim page, with the code: it must get there, and nobody may read along. */
function publicAddressProblems({ RELAY_URL, RELAY_PUBLIC_URL: address }: Values): string[] {
  if (RELAY_URL) return [];
  const remedy = 'set it to the https:// address of your tunnel or proxy to the relay (port 8003)';
  if (!address) {
    return [
      `RELAY_PUBLIC_URL is missing: ENVIRONMENT=production, and a payer’s phone must reach it; ${remedy}`,
    ];
  }
  if (LOOPBACK.test(address)) return [`RELAY_PUBLIC_URL is an address of this machine alone; ${remedy}`];
  // What is no address at all is told already.
  if (!address.startsWith('http://')) return [];
  return [`RELAY_PUBLIC_URL must begin with https:// in production: the code is shown there; ${remedy}`];
}
