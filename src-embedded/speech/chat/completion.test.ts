import { expect, test } from 'vitest';
import { completionChunks, roughUsage, wholeCompletion } from './completion.ts';
import type { Decision } from './concierge.ts';

const HEAD = { id: 'chatcmpl-1', model: 'm', created: 1 };
const SAY = { type: 'say' as const, text: 'You have  5 minutes left.' } satisfies Decision;
const CALL = {
  type: 'call' as const,
  name: 'start_purchase_process',
  arguments: { package_id: 'pro' },
} satisfies Decision;
const USAGE = roughUsage(40, SAY);

interface Chunk {
  choices: { delta: { content?: string; tool_calls?: object[] }; finish_reason: string | null }[];
  usage?: object;
}

test('the words of a stream join to the text, and the end is marked once', () => {
  const chunks = completionChunks(HEAD, SAY, 'call_1', undefined) as Chunk[];
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(SAY.text);
  expect(chunks.map((chunk) => chunk.choices[0]?.finish_reason).filter(Boolean)).toEqual(['stop']);
});

test('usage comes as a last chunk without choices, only when asked for', () => {
  const chunks = completionChunks(HEAD, SAY, 'call_1', USAGE) as Chunk[];
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 10 } });
  expect(completionChunks(HEAD, SAY, 'call_1', undefined)).toHaveLength(chunks.length - 1);
});

test('a call is streamed with its index, and whole without', () => {
  const call = {
    id: 'call_1',
    type: 'function',
    function: { name: CALL.name, arguments: '{"package_id":"pro"}' },
  };
  const chunks = completionChunks(HEAD, CALL, 'call_1', undefined) as Chunk[];
  expect(chunks[1]?.choices[0]?.delta.tool_calls).toEqual([{ index: 0, ...call }]);
  expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
  expect(wholeCompletion(HEAD, CALL, 'call_1', USAGE)).toMatchObject({
    choices: [{ message: { content: null, tool_calls: [call] }, finish_reason: 'tool_calls' }],
  });
});
