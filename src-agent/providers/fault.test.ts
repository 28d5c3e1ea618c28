import { expect, test } from 'vitest';
import { ProviderError, type ProviderName, providerErrorOf } from './fault.ts';

const MIND: ProviderName = { role: 'mind', provider: 'api.example.com', model: 'm' };

test.each<[string, unknown, boolean, object]>([
  ['a status', Object.assign(new Error('no'), { statusCode: 404 }), false, { kind: 'refused', status: 404 }],
  ['a timeout', new DOMException('late', 'TimeoutError'), false, { kind: 'slow' }],
  ['no way to it', new TypeError('fetch failed'), false, { kind: 'unreachable' }],
  ['an end within the answer', new TypeError('terminated'), false, { kind: 'cut' }],
  ['any end once it had begun', new Error('socket'), true, { kind: 'cut' }],
  ['a fault already named', new ProviderError(MIND, 'empty'), true, { kind: 'empty' }],
])('%s is told as what it is, and nothing of the talk', (_what, error, begun, fault) => {
  const named = providerErrorOf(MIND, error, begun);
  expect(named.fault).toEqual({ ...MIND, status: null, ...fault });
  expect(named.message).toMatch(/^mind: api\.example\.com m: \w+( \(\d+\))?$/);
});

test('a refusal that stays is known from one that may pass', () => {
  const passing = (status: number) => new ProviderError(MIND, 'refused', status).isPassing;
  expect([401, 404, 400].map(passing)).toEqual([false, false, false]);
  expect([429, 500, 503].map(passing)).toEqual([true, true, true]);
});
