import { describe, expect, test } from 'vitest';
import { listenUrl, readListenMessage } from './deepgram-wire.ts';

describe('Deepgram protocol', () => {
  test('asks for what we send', () => {
    const url = listenUrl({ apiKey: 'k', baseUrl: 'ws://127.0.0.1:9', model: 'nova-3', language: 'de' });
    expect(`${url.origin}${url.pathname}`).toBe('ws://127.0.0.1:9/v1/listen');
    const { encoding, sample_rate, channels, model, language } = Object.fromEntries(url.searchParams);
    expect({ encoding, sample_rate, channels, model, language }).toEqual({
      encoding: 'linear16',
      sample_rate: '16000',
      channels: '1',
      model: 'nova-3',
      language: 'de',
    });
    expect(url.search).not.toContain('k=');
    expect(listenUrl({ apiKey: 'k', baseUrl: undefined, model: 'm', language: 'en-US' }).host).toBe(
      'api.deepgram.com',
    );
  });

  test('reads results with their words', () => {
    const message = readListenMessage(
      JSON.stringify({
        type: 'Results',
        is_final: true,
        speech_final: false,
        channel: {
          alternatives: [
            {
              transcript: 'hello there',
              confidence: 0.9,
              words: [{ word: 'hello', start: 1, end: 1.5, confidence: 0.9 }],
            },
          ],
        },
        unknown: 1,
      }),
    );
    expect(message).toMatchObject({ type: 'Results', is_final: true, speech_final: false });
  });

  test.each(['not json', '{}', '{"type":"Metadata"}', '{"type":"Results"}', '[]', 'null'])(
    'lets %s pass',
    (text) => {
      expect(readListenMessage(text)).toBeUndefined();
    },
  );
});
