import { describe, expect, test } from 'vitest';
import { novaWire } from './nova-wire.ts';

const OPTIONS = {
  apiKey: 'k',
  baseUrl: 'ws://127.0.0.1:9',
  model: 'nova-3',
  language: 'de',
  endsTurns: false,
};

describe('nova', () => {
  test('is asked for what we send, and not to learn from it', () => {
    const { url, headers } = novaWire(OPTIONS);
    expect(`${url.origin}${url.pathname}`).toBe('ws://127.0.0.1:9/v1/listen');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      encoding: 'linear16',
      sample_rate: '16000',
      channels: '1',
      model: 'nova-3',
      language: 'de',
      endpointing: '25',
      mip_opt_out: 'true',
    });
    expect(url.search).not.toContain('k=');
    expect(headers).toEqual({ authorization: 'Token k' });
    expect(novaWire({ ...OPTIONS, baseUrl: undefined }).url.host).toBe('api.deepgram.com');
  });

  test('waits for the end of a sentence where nobody else does', () => {
    expect(novaWire({ ...OPTIONS, endsTurns: true }).url.searchParams.get('endpointing')).toBe('700');
  });

  test('reads results with their words, and what ends with them', () => {
    const result = (flags: object, transcript = 'hello there') =>
      novaWire(OPTIONS).read(
        JSON.stringify({
          type: 'Results',
          ...flags,
          channel: {
            alternatives: [{ transcript, confidence: 0.9, words: [{ word: 'hello', start: 1, end: 1.5 }] }],
          },
          unknown: 1,
        }),
      );
    const heard = { transcript: 'hello there', confidence: 0.9, words: [{ start: 1, end: 1.5 }] };
    expect(result({})).toEqual([{ type: 'words', stage: 'interim', heard }]);
    expect(result({ is_final: true, speech_final: true })).toEqual([
      { type: 'words', stage: 'final', heard },
      { type: 'speechEnds' },
    ]);
    expect(result({ is_final: true, speech_final: true }, '')).toEqual([{ type: 'speechEnds' }]);
  });

  test.each(['not json', '{}', '{"type":"Metadata"}', '{"type":"Results"}', '[]', 'null'])(
    'lets %s pass',
    (text) => {
      expect(novaWire(OPTIONS).read(text)).toEqual([]);
    },
  );
});
