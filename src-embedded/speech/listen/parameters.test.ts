import { expect, test } from 'vitest';
import { listenParameters } from './parameters.ts';

const check = (query: string) => listenParameters(new URLSearchParams(query));

test('the plugin’s usual query is understood, its 25 ms endpointing held at a bearable length', () => {
  const usual =
    'model=nova-3&punctuate=true&smart_format=true&interim_results=true&encoding=linear16&vad_events=true&sample_rate=16000&channels=1&endpointing=25&language=en-US';
  expect(check(usual)).toEqual({
    ok: true,
    parameters: {
      sampleRate: 16_000,
      endSilenceMs: 280,
      punctuate: true,
      interimResults: true,
      utteranceEndMs: null,
    },
  });
});

test.each([
  ['encoding=opus', /linear16/],
  ['channels=2', /channels=1/],
  ['sample_rate=7', /sample_rate/],
  ['language=de', /English only/],
])('%s is refused with the reason', (query, reason) => {
  const result = check(query);
  expect(result.ok ? '' : result.message).toMatch(reason);
});

test('utterance_end_ms and a longer endpointing are taken', () => {
  const result = check('endpointing=900&utterance_end_ms=1000');
  expect(result.ok && result.parameters).toMatchObject({ endSilenceMs: 900, utteranceEndMs: 1000 });
});
