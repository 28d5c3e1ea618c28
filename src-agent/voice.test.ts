import { expect, it } from 'vitest';
import type { Locale } from '../src-shared/visit.ts';
import type { AgentEnvironment } from './environment.ts';
import { voiceFor } from './voice.ts';

const env = {
  OPENAI_API_KEY: 'o',
  OPENAI_TTS_MODEL: 'gpt-4o-mini-tts',
  OPENAI_TTS_VOICE: 'alloy',
  DEEPGRAM_API_KEY: 'd',
} as AgentEnvironment;

it.each<[AgentEnvironment['TTS_PROVIDER'], Locale, string]>([
  ['deepgram', 'en', 'aura-2-thalia-en'],
  ['deepgram', 'de', 'aura-2-aurelia-de'],
  ['deepgram', 'ar', 'gpt-4o-mini-tts'],
  ['openai', 'en', 'gpt-4o-mini-tts'],
])('with %s, %s is spoken by %s', (provider, language, model) => {
  expect(voiceFor({ ...env, TTS_PROVIDER: provider }, language).model).toBe(model);
});
