import { expect, test } from 'vitest';
import { fluxParameters } from './flux-parameters.ts';

const check = (query: string) => fluxParameters(new URLSearchParams(query));

test('Flux needs its model; the rest has the documented defaults', () => {
  expect(check('model=flux-general-en&encoding=linear16&sample_rate=16000&mip_opt_out=false')).toEqual({
    ok: true,
    parameters: { sampleRate: 16_000, endThreshold: 0.7, eagerThreshold: undefined, timeoutMs: 5_000 },
  });
  const asked = check('model=flux-general-en&eot_threshold=0.8&eager_eot_threshold=0.4&eot_timeout_ms=900');
  expect(asked.ok && asked.parameters).toMatchObject({
    endThreshold: 0.8,
    eagerThreshold: 0.4,
    timeoutMs: 900,
  });
});

test.each([
  ['', /No such model/],
  ['model=nova-3', /No such model/],
  ['model=flux-general-en&language=en', /language/],
  ['model=flux-general-en&encoding=opus', /linear16/],
  ['model=flux-general-en&eot_threshold=0.2', /eot_threshold/],
  ['model=flux-general-en&eot_threshold=high', /eot_threshold/],
  ['model=flux-general-en&eager_eot_threshold=0.8', /must not be above/],
  ['model=flux-general-en&eot_timeout_ms=10', /eot_timeout_ms/],
])('%s is refused with the reason', (query, reason) => {
  const result = check(query);
  expect(result.ok ? '' : result.message).toMatch(reason);
});
