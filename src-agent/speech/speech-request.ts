/**
 * How each kind of voice is asked for speech. Promise: what comes back is bare sound (24 kHz, 16 bit, mono), sent while
 * it is made. Pure.
 */
import type { Locale } from '../../src-shared/visit.ts';
import type { ProviderName } from '../providers/fault.ts';

/** Rate of the sound that every voice here is asked for. */
export const SPEECH_RATE_HZ = 24_000;

/** One voice, and the request for a text in it. */
export interface SpeechVoice {
  name: ProviderName;
  request(text: string): { url: string; headers: Record<string, string>; body: object };
}

interface VoiceServer {
  apiKey: string;
  /** The provider's own when undefined. */
  baseUrl: string | undefined;
  model: string;
}

/**
 * OpenAI's, or of any server with `POST /audio/speech` (platform.openai.com/docs/guides/text-to-speech). `pcm` is 24 kHz.
 * @param server with a base URL that ends in its version, as OpenAI's does
 */
export function openAiVoice(server: VoiceServer & { voice: string }): SpeechVoice {
  const { apiKey, baseUrl = 'https://api.openai.com/v1', model, voice } = server;
  const url = `${baseUrl}/audio/speech`;
  return {
    name: { role: 'voice', provider: new URL(url).host, model },
    request: (input) => ({
      url,
      headers: { authorization: `Bearer ${apiKey}` },
      body: { input, model, voice, response_format: 'pcm' },
    }),
  };
}

/**
 * Deepgram's Aura-2 (developers.deepgram.com, "Text to speech"). One request for each piece of text: its WebSocket makes
 * no sound before a `Flush`, of which it takes 20 a minute, fewer than a talk has clauses.
 * @param server its base URL may be that of the ears, which is a WebSocket's
 */
export function auraVoice(server: VoiceServer): SpeechVoice {
  const { apiKey, baseUrl = 'https://api.deepgram.com', model } = server;
  const url = new URL('/v1/speak', baseUrl.replace(/^ws/, 'http'));
  const wanted = {
    model,
    encoding: 'linear16',
    container: 'none',
    sample_rate: String(SPEECH_RATE_HZ),
    // What is said here is nobody's training material.
    mip_opt_out: 'true',
  };
  url.search = new URLSearchParams(wanted).toString();
  return {
    name: { role: 'voice', provider: url.host, model },
    request: (text) => ({ url: url.href, headers: { authorization: `Token ${apiKey}` }, body: { text } }),
  };
}

/** A voice of Aura-2 for each language it speaks; it has none for the others. */
export const AURA_MODELS: Readonly<Partial<Record<Locale, string>>> = {
  en: 'aura-2-thalia-en',
  de: 'aura-2-aurelia-de',
  es: 'aura-2-celeste-es',
  fr: 'aura-2-agathe-fr',
};
