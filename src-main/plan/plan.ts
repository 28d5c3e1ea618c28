/**
 * From settings to addresses: which parts are embedded and where everything is. Pure; one place that decides it, so
 * that the children's environments and the ready line can't disagree.
 */
import { sha256Hex } from '../../src-runtime/hash.ts';
import { type PortName, type Ports, portsFrom } from '../../src-shared/ports.ts';
import type { Lan } from '../host/lan.ts';
import { type EmbeddedParts, embeddedParts, hasRoomsByFunction } from '../settings/parts.ts';
import type { Settings } from '../settings/schema.ts';
import type { LocalSecrets } from './secrets.ts';

const PUBLISHABLE_DIGITS = 32;

export interface StationPlan {
  settings: Settings;
  parts: EmbeddedParts;
  /** False where rooms come from the fleet's Edge Function: no LiveKit secret here, agents run on other machines. */
  hasAgent: boolean;
  ports: Ports;
  secrets: LocalSecrets;
  dataDir: string;
  logDir: string;
  /** Where phones in the same network reach checkout and claim page; undefined where they stay on this machine. */
  lan: Lan | undefined;
  urls: {
    station: string;
    relay: string;
    relayPublic: string;
    /** The sandbox's pages, as a payer's phone reaches them. */
    checkoutPublic: string;
    supabase: string;
    stripe: string;
    speech: string;
    livekit: string;
    agentHealth: string;
    metrics: string;
  };
  keys: {
    supabaseAnon: string;
    supabaseServiceRole: string;
    livekitKey: string;
    livekitSecret: string;
    stripeSecret: string;
    stripeWebhookSecret: string;
    /** Public; empty where no card may be typed at this computer. */
    stripePublishable: string;
    /** JSON list, first one makes new codes. */
    codeKeys: string;
  };
  /** Id of the card reader; empty where there is none. Embedded payments have a simulated one. */
  terminalReader: string;
}

/** All ports of a station: the range at `portBase`, and those that the settings name. */
export function stationPorts(settings: Settings, portBase: number): Ports {
  return {
    ...portsFrom(portBase),
    ...(settings.RELAY_PORT ? { relay: settings.RELAY_PORT } : {}),
    ...(settings.PROMETHEUS_PORT ? { metrics: settings.PROMETHEUS_PORT } : {}),
    ...(settings.HEALTH_CHECK_PORT ? { agentHealth: settings.HEALTH_CHECK_PORT } : {}),
  };
}

export function planStation(input: {
  settings: Settings;
  portBase: number;
  secrets: LocalSecrets;
  dataDir: string;
  logDir: string;
  lan?: Lan | undefined;
}): StationPlan {
  const { settings, secrets } = input;
  const parts = embeddedParts(settings);
  const ports = stationPorts(settings, input.portBase);
  const at = (port: PortName) => `http://127.0.0.1:${ports[port]}`;
  const inLan = input.lan && `http://${input.lan.address}:${ports.lan}`;
  return {
    settings,
    parts,
    hasAgent: !hasRoomsByFunction(settings),
    ports,
    secrets,
    dataDir: input.dataDir,
    logDir: input.logDir,
    lan: input.lan,
    terminalReader: settings.STRIPE_TERMINAL_READER ?? (parts.stripe ? 'tmr_simulated' : ''),
    urls: {
      station: at('station'),
      relay: settings.RELAY_URL ?? at('relay'),
      relayPublic: settings.RELAY_PUBLIC_URL ?? inLan ?? at('relay'),
      checkoutPublic: inLan ?? at('stripe'),
      supabase: settings.SUPABASE_URL ?? at('supabase'),
      stripe: settings.STRIPE_SECRET_KEY ? 'https://api.stripe.com' : at('stripe'),
      speech: at('speech'),
      livekit: settings.LIVEKIT_URL ?? `ws://127.0.0.1:${ports.livekit}`,
      agentHealth: `${at('agentHealth')}/health`,
      metrics: `${at('metrics')}/metrics`,
    },
    keys: {
      supabaseAnon: settings.SUPABASE_ANON_KEY ?? secrets.supabase.anonKey,
      supabaseServiceRole: settings.SUPABASE_SERVICE_ROLE_KEY ?? secrets.supabase.serviceRoleKey,
      livekitKey: settings.LIVEKIT_API_KEY ?? secrets.livekit.apiKey,
      livekitSecret: settings.LIVEKIT_API_SECRET ?? secrets.livekit.apiSecret,
      stripeSecret: settings.STRIPE_SECRET_KEY ?? secrets.stripe.secretKey,
      stripeWebhookSecret: settings.STRIPE_WEBHOOK_SECRET ?? secrets.stripe.webhookSecret,
      stripePublishable: publishableKeyOf(settings, secrets),
      codeKeys: settings.CODE_KEYS ?? JSON.stringify(secrets.codeKeys),
    },
  };
}

/** The sandbox's own is made from its secret key, as a pair of Stripe's belongs together; it tells nothing of it. */
function publishableKeyOf(settings: Settings, secrets: LocalSecrets): string {
  if (settings.PAY_HERE !== 'on') return '';
  const digest = sha256Hex(`publishable:${secrets.stripe.secretKey}`);
  return settings.STRIPE_PUBLISHABLE_KEY ?? `pk_test_${digest.slice(0, PUBLISHABLE_DIGITS)}`;
}
