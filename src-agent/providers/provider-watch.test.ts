import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProviderError } from './fault.ts';
import { ProviderWatch } from './provider-watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MIND = { role: 'mind', provider: 'api.example.com', model: 'm' } as const;
const SECOND = { role: 'mind', provider: 'other.example.com', model: 'n' } as const;

function bench() {
  const answers = new Map<string, ProviderError | undefined>();
  const told: string[] = [];
  const asked = (name: typeof MIND | typeof SECOND) => ({
    name,
    ask: vi.fn(async () => {
      const fault = answers.get(name.model);
      if (fault) throw fault;
    }),
  });
  const providers = [asked(MIND), asked(SECOND)];
  const watch = () =>
    new ProviderWatch(providers, {
      onFault: ({ model, kind }) => told.push(`${model} ${kind}`),
      onWell: ({ model }) => told.push(`${model} well`),
    });
  return { answers, told, providers, watch };
}

test('a refused model is told at the start, with its status; the role is well while another answers', async () => {
  const { answers, told, watch } = bench();
  answers.set('m', new ProviderError(MIND, 'refused', 404));
  const watching = watch();
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(['m refused']);
  expect(watching.checks).toEqual({ mind: 'ok' });
  answers.set('n', new ProviderError(SECOND, 'silent'));
  watching.met({ ...SECOND, kind: 'silent', status: null });
  expect(watching.checks).toEqual({
    mind: 'api.example.com m: refused (404); other.example.com n: silent',
  });
  watching.close();
});

test('a server that only starts is waited for without a word; then it counts as away', async () => {
  const { answers, told, watch } = bench();
  answers.set('m', new ProviderError(MIND, 'unreachable'));
  answers.set('n', new ProviderError(SECOND, 'unreachable'));
  const watching = watch();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(watching.checks).toEqual({});
  await vi.advanceTimersByTimeAsync(20_000);
  expect(told).toEqual(['m unreachable', 'n unreachable']);
  answers.clear();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(watching.checks).toEqual({ mind: 'ok' });
  expect(told.slice(2)).toEqual(['m well', 'n well']);
  watching.close();
});

test('after a fault in a talk it is asked soon, not in ten minutes; once closed never', async () => {
  const { providers, watch } = bench();
  const watching = watch();
  await vi.advanceTimersByTimeAsync(0);
  watching.met({ ...MIND, kind: 'slow', status: null });
  expect(watching.checks['mind']).toBe('ok');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(providers[0]?.ask).toHaveBeenCalledTimes(2);
  watching.close();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(providers[0]?.ask).toHaveBeenCalledTimes(2);
});
