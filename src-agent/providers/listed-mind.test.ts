/** The list of minds against local servers: what of it reaches the talk, and what is told. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { initializeLogger, llm } from '@livekit/agents';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { AgentEnvironment } from '../environment.ts';
import type { ProviderError } from './fault.ts';
import { ListedMind } from './listed-mind.ts';
import { mindsOf } from './mind.ts';
import { ProviderList } from './provider-list.ts';

beforeAll(() => initializeLogger({ pretty: false, level: 'silent' }));

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

/** A mind whose servers, the first one first, answer so. */
async function mindOf(...answers: RequestListener[]) {
  const urls = await Promise.all(answers.map(listen));
  const entries = urls.map((baseUrl, index) => ({
    kind: 'openai' as const,
    baseUrl,
    model: `mind-${index + 1}`,
  }));
  const env = { OPENAI_API_KEY: 'o', MIND_PROVIDERS: entries } as unknown as AgentEnvironment;
  const minds = new ProviderList(mindsOf(env), {
    ask: async () => false,
    wait: () => new Promise(() => undefined),
  });
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
