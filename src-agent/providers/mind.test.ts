import { expect, it } from 'vitest';
import { reasoningEffortOf } from './mind.ts';

it.each([
  ['gpt-6-luna', 'none'],
  ['gpt-6', 'none'],
  ['gpt-10-mini', 'none'],
  ['gpt-4.1-mini', undefined],
  ['gpt-4o', undefined],
  ['gpt-5', undefined],
  ['llama3.2', undefined],
  ['qwen3:8b', undefined],
  ['gpt-oss:20b', undefined],
])('%s is told %s about thinking', (model, effort) => {
  expect(reasoningEffortOf({ model })).toBe(effort);
});

it('what the operator says of it comes first', () => {
  expect(reasoningEffortOf({ model: 'qwen3:8b', reasoningEffort: 'low' })).toBe('low');
  expect(reasoningEffortOf({ model: 'gpt-6-luna', reasoningEffort: 'omit' })).toBeUndefined();
});
