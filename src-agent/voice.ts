/** The voice of a talk: whose, and which. */
import type { Locale } from '../src-shared/visit.ts';
import type { AgentEnvironment } from './environment.ts';
import { AURA_MODELS, auraVoice, openAiVoice, type SpeechVoice } from './speech/speech-request.ts';

/** Deepgram's where it is wanted and speaks the language, else OpenAI's. */
export function voiceFor(env: AgentEnvironment, language: Locale): SpeechVoice {
  const model = env.TTS_PROVIDER === 'deepgram' ? AURA_MODELS[language] : undefined;
  if (model) return auraVoice({ apiKey: env.DEEPGRAM_API_KEY, baseUrl: env.DEEPGRAM_BASE_URL, model });
  return openAiVoice({
    apiKey: env.OPENAI_API_KEY,
    baseUrl: env.OPENAI_BASE_URL,
    model: env.OPENAI_TTS_MODEL,
    voice: env.OPENAI_TTS_VOICE,
  });
}
