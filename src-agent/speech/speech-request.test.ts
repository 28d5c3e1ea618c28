import { expect, it } from 'vitest';
import { LOCALES } from '../../src-shared/visit.ts';
import { AURA_MODELS, auraVoice, openAiVoice } from './speech-request.ts';

it('OpenAI’s is asked for bare sound, at its own address or at another server’s', () => {
  const voice = { apiKey: 'k', model: 'm', voice: 'alloy' };
  expect(openAiVoice({ ...voice, baseUrl: undefined }).request('Hello.')).toEqual({
    url: 'https://api.openai.com/v1/audio/speech',
    headers: { authorization: 'Bearer k' },
    body: { input: 'Hello.', model: 'm', voice: 'alloy', response_format: 'pcm' },
  });
  const elsewhere = openAiVoice({ ...voice, baseUrl: 'http://127.0.0.1:9000/v1' });
  expect(elsewhere.request('Hello.').url).toBe('http://127.0.0.1:9000/v1/audio/speech');
});

it.each([
  [undefined, 'https://api.deepgram.com'],
  ['wss://api.eu.deepgram.com', 'https://api.eu.deepgram.com'],
  ['ws://127.0.0.1:8040', 'http://127.0.0.1:8040'],
])('Aura is asked for the same, and not to learn from it; ears at %s have it at %s', (baseUrl, origin) => {
  const { url, headers, body } = auraVoice({ apiKey: 'k', baseUrl, model: 'aura-2-thalia-en' }).request(
    'Hi.',
  );
  expect(new URL(url).origin + new URL(url).pathname).toBe(`${origin}/v1/speak`);
  expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
    model: 'aura-2-thalia-en',
    encoding: 'linear16',
    container: 'none',
    sample_rate: '24000',
    mip_opt_out: 'true',
  });
  expect({ headers, body }).toEqual({ headers: { authorization: 'Token k' }, body: { text: 'Hi.' } });
});

it('Aura has a voice for each language of the screen but Arabic', () => {
  expect(LOCALES.filter((locale) => !AURA_MODELS[locale])).toEqual(['ar']);
  for (const [language, model] of Object.entries(AURA_MODELS)) {
    expect(model).toMatch(new RegExp(`^aura-2-[a-z]+-${language}$`));
  }
});
