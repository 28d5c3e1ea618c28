/** The voices of a talk, in the order in which they are asked. */
import type { VoiceEntry } from '../../src-shared/providers.ts';
import { LOCALES, type Locale } from '../../src-shared/visit.ts';
import type { AgentEnvironment } from '../environment.ts';
import { AURA_MODELS, auraVoice, openAiVoice, type SpeechVoice } from '../speech/speech-request.ts';

/** The voices that speak this language; none where no entry of the list does. */
export function voicesFor(env: AgentEnvironment, language: Locale): SpeechVoice[] {
  return voiceEntries(env).flatMap((entry) => voiceOf(entry, env, language) ?? []);
}

/** The same, or where there is none every voice of another language: badly said is better than not at all. */
export function voicesForTalk(env: AgentEnvironment, language: Locale): SpeechVoice[] {
  const speaking = voicesFor(env, language);
  return speaking.length > 0 ? speaking : LOCALES.flatMap((locale) => voicesFor(env, locale));
}

/** The operator's list, or what the plain settings say: whose voice, and OpenAI's for what Deepgram does not speak. */
function voiceEntries(env: AgentEnvironment): VoiceEntry[] {
  if (env.VOICE_PROVIDERS) return env.VOICE_PROVIDERS;
  const openai: VoiceEntry = { kind: 'openai', model: env.OPENAI_TTS_MODEL, voice: env.OPENAI_TTS_VOICE };
  return env.TTS_PROVIDER === 'openai' ? [openai] : [{ kind: 'deepgram' }, openai];
}

function voiceOf(entry: VoiceEntry, env: AgentEnvironment, language: Locale): SpeechVoice | undefined {
  if (entry.kind === 'deepgram') {
    const model = { ...AURA_MODELS, ...entry.models }[language];
    const { apiKey = env.DEEPGRAM_API_KEY, baseUrl = env.DEEPGRAM_BASE_URL } = entry;
    return model ? auraVoice({ apiKey, baseUrl, model }) : undefined;
  }
  if (entry.languages && !entry.languages.includes(language)) return undefined;
  const { apiKey = env.OPENAI_API_KEY, baseUrl = env.OPENAI_BASE_URL, model, voice } = entry;
  return openAiVoice({ apiKey, baseUrl, model, voice });
}
