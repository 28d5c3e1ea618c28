/** Which parts of the product run on this machine, by the settings alone. */
import { isEdgeFunctions } from '../../src-shared/relay-address.ts';
import type { Settings } from './schema.ts';

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
    openai: !settings.OPENAI_API_KEY && !settings.MIND_PROVIDERS && !hasRoomsByFunction(settings),
    deepgram: !settings.DEEPGRAM_API_KEY && !hasRoomsByFunction(settings),
  };
}

/**
 * Whose voice speaks: OpenAI's where the operator named one of it, else Deepgram's (OpenAI withdraws its own on
 * 2027-01-06), whose embedded stand-in speaks as OpenAI's does.
 */
export function ttsProvider(
  { OPENAI_TTS_MODEL, OPENAI_TTS_VOICE }: Settings,
  parts: EmbeddedParts,
): 'openai' | 'deepgram' {
  return OPENAI_TTS_MODEL || OPENAI_TTS_VOICE || parts.deepgram ? 'openai' : 'deepgram';
}

/** True at a kiosk of a fleet without the LiveKit keys: the Edge Functions make its rooms, its agents run elsewhere. */
export function hasRoomsByFunction({
  RELAY_URL,
  LIVEKIT_URL,
  LIVEKIT_API_KEY,
  LIVEKIT_API_SECRET,
}: Partial<Pick<Settings, 'RELAY_URL' | 'LIVEKIT_URL' | 'LIVEKIT_API_KEY' | 'LIVEKIT_API_SECRET'>>): boolean {
  const areFunctions = RELAY_URL !== undefined && isEdgeFunctions(RELAY_URL);
  return areFunctions && Boolean(LIVEKIT_URL) && !LIVEKIT_API_KEY && !LIVEKIT_API_SECRET;
}
