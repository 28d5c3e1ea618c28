/** The list of minds against local servers: what of it reaches the talk, and what is told. */
import type { RequestListener } from 'node:http';
import { initializeLogger, llm } from '@livekit/agents';
import { beforeAll, expect, test } from 'vitest';
import type { AgentEnvironment } from '../environment.ts';
import type { ProviderError } from './fault.ts';
import { ListedMind } from './listed-mind.ts';
import { mindsOf } from './mind.ts';
import { serveProvider, unwatched } from './provider-server.test-kit.ts';

beforeAll(() => initializeLogger({ pretty: false, level: 'silent' }));

/** A mind whose servers, the first one first, answer so. */
async function mindOf(...answers: RequestListener[]) {
  const urls = await Promise.all(answers.map(serveProvider));
  const entries = urls.map((baseUrl, index) => ({
    kind: 'openai' as const,
    baseUrl,
    model: `mind-${index + 1}`,
  }));
  const env = { OPENAI_API_KEY: 'o', MIND_PROVIDERS: entries } as unknown as AgentEnvironment;
  const minds = unwatched(mindsOf(env));
  const faults: ProviderError['fault'][] = [];
  const mind = new ListedMind({ minds, onFault: ({ fault }) => faults.push(fault), firstTokenMs: 200 });
  const failures: Error[] = [];
  mind.on('error', ({ error }) => failures.push(error));
  return { mind, faults, failures };
}

/** A stream of chat completions with these words. */
const says =
  (...words: string[]): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const content of words) {
      const chunk = { id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] };
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    }
    response.end('data: [DONE]\n\n');
  };

async function answerOf(mind: ListedMind): Promise<string> {
  const chatCtx = llm.ChatContext.empty();
  chatCtx.addMessage({ role: 'user', content: 'Hello.' });
  let text = '';
  for await (const chunk of mind.chat({ chatCtx })) text += chunk.delta?.content ?? '';
  return text;
}

test('the first answers, and nothing is told', async () => {
  const { mind, faults, failures } = await mindOf(says('Good ', 'day.'), says('Never.'));
  expect(await answerOf(mind)).toBe('Good day.');
  expect({ faults, failures }).toEqual({ faults: [], failures: [] });
});

test.each<[string, RequestListener, object]>([
  [
    'refuses',
    (_request, response) => void response.writeHead(404).end('{"error":{"message":"no such model"}}'),
    { kind: 'refused', status: 404 },
  ],
  ['hangs', () => undefined, { kind: 'slow' }],
  ['breaks off', (request) => void request.socket.destroy(), { kind: 'unreachable' }],
  ['answers nothing', says(), { kind: 'empty' }],
])(
  'where the first %s, the next answers the same question, and the first is left out',
  async (_how, first, fault) => {
    let asked = 0;
    const counted: RequestListener = (request, response) => {
      asked += 1;
      first(request, response);
    };
    const { mind, faults, failures } = await mindOf(counted, says('Good day.'));
    expect(await answerOf(mind)).toBe('Good day.');
    expect(await answerOf(mind)).toBe('Good day.');
    expect(asked).toBe(1);
    expect(faults).toMatchObject([{ role: 'mind', model: 'mind-1', ...fault }]);
    expect(failures).toEqual([]);
  },
);

test('half an answer is not begun again', async () => {
  const broken: RequestListener = (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = {
      id: 'c',
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { content: 'Half' } }],
    };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`, () =>
      setTimeout(() => request.socket.destroy(), 50),
    );
  };
  const { mind, faults, failures } = await mindOf(broken, says('Whole.'));
  expect(await answerOf(mind)).toBe('Half');
  expect(faults).toMatchObject([{ kind: 'cut' }]);
  expect(failures).toHaveLength(1);
});

test.each([
  [500, 2],
  [401, 1],
])(
  'a mind that stands alone and answers %i is asked %i times; the failure names it, and no word of the talk',
  async (status, tries) => {
    let asked = 0;
    const { mind, faults, failures } = await mindOf((_request, response) => {
      asked += 1;
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end('{"error":{"message":"about: Hello."}}');
    });
    expect(await answerOf(mind)).toBe('');
    expect(asked).toBe(tries);
    expect(faults).toMatchObject([{ kind: 'refused', status }]);
    expect(failures.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^mind: 127\.0\.0\.1:\d+ mind-1: refused/),
    ]);
  },
);
