import { expect, test } from 'vitest';
import { listenParameters } from './parameters.ts';

const check = (query: string) => listenParameters(new URLSearchParams(query));

test('the plugin’s usual query is understood, its endpointing as it is asked', () => {
  const usual =
    'model=nova-3&punctuate=true&smart_format=true&interim_results=true&encoding=linear16&vad_events=true&sample_rate=16000&channels=1&endpointing=25&language=en-US';
  expect(check(usual)).toEqual({
    ok: true,
    parameters: {
      sampleRate: 16_000,
      endpointingMs: 25,
      punctuate: true,
      interimResults: true,
      vadEvents: true,
      utteranceEndMs: null,
    },
  });
});

test.each([
  ['encoding=opus', /linear16/],
  ['channels=2', /channels=1/],
  ['sample_rate=7', /sample_rate/],
  ['language=de', /No such model.*English only/],
  ['model=nova-99', /^Bad Request: No such model\/language\/tier combination found\.$/],
  ['model=flux-general-en', /No such model/],
  ['model=nova-2&keyterm=MindBot', /keyterm/],
  ['model=nova-3&keywords=MindBot', /keywords/],
  ['interim_results=maybe', /interim_results=maybe/],
  ['endpointing=soon', /endpointing=soon/],
  ['utterance_end_ms=1s', /utterance_end_ms=1s/],
  ['detect_language=true', /detect_language/],
])('%s is refused with the reason', (query, reason) => {
  const result = check(query);
  expect(result.ok ? '' : result.message).toMatch(reason);
});

test.each(['nova-3', 'nova-3-general', 'nova-3-medical', 'nova-2', 'nova-2-phonecall', 'enhanced', 'base'])(
  'model=%s is one that there is',
  (model) => {
    expect(check(`model=${model}`).ok).toBe(true);
  },
);

test('endpointing can be left to the default, turned off, and be long; utterance_end_ms is taken', () => {
  const endpointing = (query: string) => {
    const result = check(query);
    return result.ok ? result.parameters.endpointingMs : 'refused';
  };
  expect(['', 'endpointing=true', 'endpointing=false', 'endpointing=900'].map(endpointing)).toEqual([
    10,
    10,
    null,
    900,
  ]);
  const result = check('utterance_end_ms=1000');
  expect(result.ok && result.parameters).toMatchObject({ utteranceEndMs: 1000 });
});
