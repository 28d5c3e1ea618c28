import { expect, test } from 'vitest';
import { fluxWire } from './flux-wire.ts';

const OPTIONS = { apiKey: 'k', baseUrl: undefined, model: 'flux-general-en', language: 'en-US' };

test('Flux is asked for early and sure ends of turns, and not to learn from it', () => {
  const { url } = fluxWire(OPTIONS);
  expect(`${url.origin}${url.pathname}`).toBe('wss://api.deepgram.com/v2/listen');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    model: 'flux-general-en',
    encoding: 'linear16',
    sample_rate: '16000',
    eager_eot_threshold: '0.4',
    eot_threshold: '0.7',
    eot_timeout_ms: '3000',
    mip_opt_out: 'true',
  });
  const german = fluxWire({ ...OPTIONS, model: 'flux-general-multi', language: 'de' });
  expect(german.url.searchParams.get('language_hint')).toBe('de');
});

test('a turn begins, grows, probably ends, goes on after all, and ends', () => {
  const read = (event: string, transcript: string) =>
    fluxWire(OPTIONS)
      .read(JSON.stringify({ type: 'TurnInfo', event, transcript, words: [], end_of_turn_confidence: 0.5 }))
      .map((each) => (each.type === 'words' ? `${each.stage}: ${each.heard.transcript}` : each.type));
  expect(read('StartOfTurn', '')).toEqual(['speechBegins']);
  expect(read('Update', 'how much')).toEqual(['interim: how much']);
  expect(read('EagerEndOfTurn', 'how much')).toEqual(['preflight: how much']);
  expect(read('TurnResumed', 'how much time')).toEqual(['interim: how much time']);
  expect(read('EndOfTurn', 'how much time?')).toEqual(['final: how much time?', 'speechEnds']);
  expect(read('SomethingNew', 'x')).toEqual([]);
  expect(fluxWire(OPTIONS).read('{"type":"Connected"}')).toEqual([]);
});
