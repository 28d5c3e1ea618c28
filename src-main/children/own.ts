/** The children that are the product itself: relay, station and voice agent. */
import { DEFAULT_MODELS } from '../../src-shared/default-models.ts';
import { ttsProvider } from '../settings/parts.ts';
import type { ChildSpec } from '../supervisor/child-spec.ts';
import { type ChildrenOptions, nodeChild } from './node-child.ts';

/** Payments, codes and balances; the only one with the Stripe and the service-role key. */
export function relayChild(options: ChildrenOptions): ChildSpec {
  const { plan } = options;
  return nodeChild(options, {
    name: 'relay',
    port: 'relay',
    env: () => ({
      PORT: String(plan.ports.relay),
      PUBLIC_URL: plan.urls.relayPublic,
      SUPABASE_URL: plan.urls.supabase,
      SUPABASE_SERVICE_ROLE_KEY: plan.keys.supabaseServiceRole,
      STRIPE_SECRET_KEY: plan.keys.stripeSecret,
      STRIPE_WEBHOOK_SECRET: plan.keys.stripeWebhookSecret,
      STRIPE_API_BASE: plan.parts.stripe ? plan.urls.stripe : '',
      STRIPE_TERMINAL_READER: plan.terminalReader,
      STRIPE_PUBLISHABLE_KEY: plan.keys.stripePublishable,
      STATION_ORIGIN: plan.urls.station,
      WEBHOOK_PAYLOAD_DAYS: String(plan.settings.WEBHOOK_PAYLOAD_DAYS ?? ''),
      CODE_KEYS: plan.keys.codeKeys,
      KIOSK_ACCOUNT: JSON.stringify(plan.secrets.kiosk),
      // With a Supabase project of the operator's own, staff accounts are made there.
      ...(plan.parts.supabase ? { ADMIN_ACCOUNT: JSON.stringify(plan.secrets.admin) } : {}),
    }),
  });
}

/** The kiosk’s own server: page, visit, metering. */
export function stationChild(options: ChildrenOptions): ChildSpec {
  const { plan, pageDir, pageServer } = options;
  const embedded = Object.entries({
    payments: plan.parts.stripe,
    speech: plan.parts.openai || plan.parts.deepgram,
    database: plan.parts.supabase,
    livekit: plan.parts.livekit,
  });
  return nodeChild(options, {
    name: 'station',
    port: 'station',
    env: () => ({
      PORT: String(plan.ports.station),
      SUPABASE_URL: plan.urls.supabase,
      SUPABASE_ANON_KEY: plan.keys.supabaseAnon,
      RELAY_URL: plan.urls.relay,
      LIVEKIT_URL: plan.urls.livekit,
      ...(plan.hasAgent
        ? {
            LIVEKIT_API_KEY: plan.keys.livekitKey,
            LIVEKIT_API_SECRET: plan.keys.livekitSecret,
            AGENT_HEALTH_URL: plan.urls.agentHealth,
          }
        : {}),
      KIOSK_ACCOUNT: JSON.stringify(plan.secrets.kiosk),
      STORE_MAC_KEY: plan.secrets.storeMacKey,
      LAUNCH_SECRET: plan.secrets.launchSecret,
      PAGE_DIR: pageDir,
      ...(pageServer && { PAGE_SERVER: pageServer.url, PAGE_NONCE: pageServer.nonce }),
      SELL_WITHOUT_VOICE: plan.settings.SELL_WITHOUT_VOICE,
      PAY_PAGE_ORIGIN: plan.keys.stripePublishable && new URL(plan.urls.relayPublic).origin,
      EMBEDDED_PARTS: embedded.flatMap(([name, isEmbedded]) => (isEmbedded ? [name] : [])).join(','),
    }),
  });
}

/** The voice agent: beside the station, or alone on a machine of a fleet. */
export function agentChild(options: Pick<ChildrenOptions, 'plan' | 'builtDir'>): ChildSpec {
  const { plan } = options;
  const { settings, parts, secrets } = plan;
  const speechHttp = `${plan.urls.speech}/v1`;
  return nodeChild(options, {
    name: 'agent',
    port: 'agentHealth',
    env: () => ({
      HEALTH_CHECK_PORT: String(plan.ports.agentHealth),
      AGENT_WORKER_PORT: String(plan.ports.agentWorker),
      LIVEKIT_URL: plan.urls.livekit,
      LIVEKIT_API_KEY: plan.keys.livekitKey,
      LIVEKIT_API_SECRET: plan.keys.livekitSecret,
      EARS_PROVIDERS: listText(settings.EARS_PROVIDERS),
      MIND_PROVIDERS: listText(settings.MIND_PROVIDERS),
      VOICE_PROVIDERS: listText(settings.VOICE_PROVIDERS),
      // A server of the operator's own may want no key; ours is for our own.
      OPENAI_API_KEY: settings.OPENAI_API_KEY ?? (parts.openai ? secrets.speechApiKey : 'none'),
      OPENAI_BASE_URL: settings.OPENAI_BASE_URL ?? (parts.openai ? speechHttp : ''),
      OPENAI_LLM_MODEL: settings.OPENAI_LLM_MODEL,
      TTS_PROVIDER: ttsProvider(settings, parts),
      OPENAI_TTS_MODEL: settings.OPENAI_TTS_MODEL ?? DEFAULT_MODELS.OPENAI_TTS_MODEL,
      OPENAI_TTS_VOICE: settings.OPENAI_TTS_VOICE ?? DEFAULT_MODELS.OPENAI_TTS_VOICE,
      DEEPGRAM_API_KEY: settings.DEEPGRAM_API_KEY ?? secrets.speechApiKey,
      DEEPGRAM_BASE_URL:
        settings.DEEPGRAM_BASE_URL ?? (parts.deepgram ? `${plan.urls.speech.replace(/^http/, 'ws')}` : ''),
      DEEPGRAM_MODEL: settings.DEEPGRAM_MODEL,
    }),
  });
}

/** A list as the agent reads it; empty where there is none. */
function listText(list: readonly object[] | undefined): string {
  return list ? JSON.stringify(list) : '';
}
