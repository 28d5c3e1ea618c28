import { expect, test } from 'vitest';
import type { AgentEnvironment } from '../environment.ts';
import { askedProviders } from './ask.ts';
import { earsFor } from './ears.ts';

const env = {
  OPENAI_API_KEY: 'o',
  OPENAI_LLM_MODEL: 'gpt-6-luna',
  OPENAI_TTS_MODEL: 'gpt-4o-mini-tts',
  OPENAI_TTS_VOICE: 'alloy',
  DEEPGRAM_API_KEY: 'd',
  DEEPGRAM_MODEL: 'nova-3',
  TTS_PROVIDER: 'deepgram',
} as AgentEnvironment;

test('each provider is asked once, the voices in each language they are for', () => {
  expect(askedProviders(env).map(({ name }) => `${name.role} ${name.model}`)).toEqual([
    'mind gpt-6-luna',
    'voice aura-2-thalia-en',
    'voice gpt-4o-mini-tts',
    'voice aura-2-aurelia-de',
    'voice aura-2-agathe-fr',
    'voice aura-2-celeste-es',
    'ears nova-3',
  ]);
});

test('Flux hears the languages it knows, the next of the list the others; it judges turns where it is the first', () => {
  const list = {
    ...env,
    EARS_PROVIDERS: [{ kind: 'deepgram-flux' as const }, { kind: 'deepgram' as const, model: 'nova-3' }],
  };
  const models = (language: 'en' | 'de' | 'ar') => {
    const { wires, judgeTurns } = earsFor(list, language, true);
    return [
      ...wires.map(({ name, url }) => `${name.model} ${url.searchParams.get('endpointing')}`),
      judgeTurns,
    ];
  };
  expect(models('en')).toEqual(['flux-general-en null', 'nova-3 700', true]);
  expect(models('de')).toEqual(['flux-general-multi null', 'nova-3 700', true]);
  expect(models('ar')).toEqual(['nova-3 25', false]);
  expect(earsFor(env, 'en', false).wires[0]?.url.searchParams.get('endpointing')).toBe('700');
});
