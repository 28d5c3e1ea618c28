import { expect, it } from 'vitest';
import type { Locale } from '../../src-shared/visit.ts';
import type { AgentEnvironment } from '../environment.ts';
import { voicesFor, voicesForTalk } from './voice.ts';

const env = {
  OPENAI_API_KEY: 'o',
  OPENAI_TTS_MODEL: 'gpt-4o-mini-tts',
  OPENAI_TTS_VOICE: 'alloy',
  DEEPGRAM_API_KEY: 'd',
} as AgentEnvironment;

it.each<[AgentEnvironment['TTS_PROVIDER'], Locale, string[]]>([
  ['deepgram', 'en', ['aura-2-thalia-en', 'gpt-4o-mini-tts']],
  ['deepgram', 'de', ['aura-2-aurelia-de', 'gpt-4o-mini-tts']],
  ['deepgram', 'ar', ['gpt-4o-mini-tts']],
  ['openai', 'en', ['gpt-4o-mini-tts']],
])('with %s, %s is spoken by %j', (provider, language, models) => {
  const voices = voicesFor({ ...env, TTS_PROVIDER: provider }, language);
  expect(voices.map(({ name }) => name.model)).toEqual(models);
});

it('the operator’s list stands in its order, each with its own server and key, and leaves out what it does not speak', () => {
  const list: AgentEnvironment['VOICE_PROVIDERS'] = [
    {
      kind: 'openai',
      baseUrl: 'http://127.0.0.1:9000/v1',
      apiKey: 'p',
      model: 'piper',
      voice: 'thorsten',
      languages: ['de'],
    },
    { kind: 'deepgram', models: { de: 'aura-2-viktoria-de' } },
  ];
  const german = voicesFor({ ...env, VOICE_PROVIDERS: list }, 'de');
  expect(german.map(({ name }) => [name.provider, name.model])).toEqual([
    ['127.0.0.1:9000', 'piper'],
    ['api.deepgram.com', 'aura-2-viktoria-de'],
  ]);
  expect(german[0]?.request('Hallo.').headers).toEqual({ authorization: 'Bearer p' });
  expect(voicesFor({ ...env, VOICE_PROVIDERS: list }, 'ar')).toEqual([]);
  expect(voicesForTalk({ ...env, VOICE_PROVIDERS: list }, 'ar').length).toBeGreaterThan(0);
});
