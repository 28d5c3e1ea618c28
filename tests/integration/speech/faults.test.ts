/**
 * Faults to order: each kind for each role as a client meets it, and that nobody can order one outside of tests.
 */
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { pcmBytes } from '../../../src-embedded/speech/audio/wav.ts';
import { speak } from '../../support/talk/speech.ts';
import { type RunningGateway, SPEECH_KEY, startSpeechGateway } from '../../support/talk/speech-gateway.ts';

let gateway: RunningGateway;
let client: OpenAI;

beforeAll(async () => {
  gateway = await startSpeechGateway();
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: SPEECH_KEY, maxRetries: 0 });
});
afterEach(() => order(undefined));
afterAll(() => gateway?.stop());

/** Orders a fault; without one takes all back. */
async function order(fault: object | undefined, key = SPEECH_KEY, url = gateway.url): Promise<number> {
  const response = await fetch(`${url}/test/faults`, {
    method: fault ? 'POST' : 'DELETE',
    headers: {
      authorization: `Bearer ${key}`,
      ...(fault ? { 'content-type': 'application/json' } : {}),
    },
    body: fault ? JSON.stringify(fault) : null,
  });
  return response.status;
}

const chat = (signal?: AbortSignal) =>
  client.chat.completions.create(
    { model: 'm', messages: [{ role: 'user', content: 'hello' }], stream: true },
    { signal },
  );
const say = (signal?: AbortSignal) =>
  client.audio.speech.create(
    { model: 'tts-1', voice: 'alloy', input: 'Hello, how are you today?', response_format: 'pcm' },
    { signal },
  );

async function chatText(): Promise<string> {
  let text = '';
  for await (const chunk of await chat()) text += chunk.choices[0]?.delta.content ?? '';
  return text;
}

interface Heard {
  status: number;
  body: Record<string, unknown>;
  texts: string[];
  code: number;
}

/** Says «yes please» to the ears and asks to end; gives all that came back. */
async function listen(): Promise<Heard> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/listen?model=nova-3&endpointing=25`, {
    headers: { Authorization: `Token ${SPEECH_KEY}` },
  });
  const { samples } = await speak('Yes please.');
  const heard: Heard = { status: 101, body: {}, texts: [], code: 0 };
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ ...heard, status: response.statusCode ?? 0, body: JSON.parse(text) as Heard['body'] }),
      );
    });
    socket.on('error', reject);
    socket.on('message', (data) => heard.texts.push(String(data)));
    socket.on('close', (code) => resolve({ ...heard, code }));
    socket.on('open', () => {
      socket.send(Buffer.concat([Buffer.alloc(9_600), pcmBytes(samples), Buffer.alloc(16_000)]));
      socket.send('{"type":"CloseStream"}');
    });
  });
}

test('an order needs the key and a known fault', async () => {
  expect(await order({ role: 'mind', kind: 'hang' }, 'wrong')).toBe(401);
  expect(await order({ role: 'mind', kind: 'dance' })).toBe(400);
  expect(await order({ role: 'mind', kind: 'hang' })).toBe(204);
});

test.each([
  [401, 'invalid_api_key'],
  [404, 'model_not_found'],
  [429, 'insufficient_quota'],
  [500, null],
])('mind and voice refuse with %i and OpenAI’s body, as often as was ordered', async (status, code) => {
  await order({ role: 'mind', kind: 'refuse', status, times: 1 });
  await order({ role: 'voice', kind: 'refuse', status, times: 1 });
  await expect(chat()).rejects.toMatchObject({ status, code });
  await expect(say()).rejects.toMatchObject({ status, code });
  expect(await chatText()).toMatch(/Hello/);
});

test('a mind that hangs never answers; nobody waits for it when the gateway stops', async () => {
  await order({ role: 'mind', kind: 'hang', times: 1 });
  await expect(chat(AbortSignal.timeout(300))).rejects.toThrow(/abort/i);
  await order({ role: 'voice', kind: 'hang', times: 1 });
  await expect(say(AbortSignal.timeout(300))).rejects.toThrow(/abort/i);
});

test('a mind that is cut breaks off in mid-answer, a garbled one can’t be read, a silent one says nothing', async () => {
  await order({ role: 'mind', kind: 'cut', times: 1 });
  await expect(chatText()).rejects.toThrow();
  await order({ role: 'mind', kind: 'garbage', times: 1 });
  await expect(chatText()).rejects.toThrow();
  await order({ role: 'mind', kind: 'silent', times: 1 });
  expect(await chatText()).toBe('');
});

test('a voice that is cut breaks off in mid-sound, a silent one has no samples', async () => {
  const whole = (await (await say()).arrayBuffer()).byteLength;
  await order({ role: 'voice', kind: 'cut', times: 1 });
  await expect(say().then((answer) => answer.arrayBuffer())).rejects.toThrow();
  await order({ role: 'voice', kind: 'silent', times: 1 });
  expect((await (await say()).arrayBuffer()).byteLength).toBe(0);
  await order({ role: 'voice', kind: 'garbage', times: 1 });
  const garbled = (await (await say()).arrayBuffer()).byteLength;
  expect([garbled % 2, garbled < whole]).toEqual([1, true]);
});

test('slow parts take at least as long as was ordered, and give all', async () => {
  const whole = await chatText();
  await order({ role: 'mind', kind: 'slow', delayMs: 200, paceMs: 30, times: 1 });
  const started = performance.now();
  expect(await chatText()).toBe(whole);
  expect(performance.now() - started).toBeGreaterThan(250);
  await order({ role: 'voice', kind: 'slow', delayMs: 200, times: 1 });
  const spoken = performance.now();
  await say();
  expect(performance.now() - spoken).toBeGreaterThan(190);
  await order({ role: 'ears', kind: 'slow', delayMs: 300, times: 1 });
  const heardAt = performance.now();
  expect((await listen()).texts.join()).toMatch(/yes please/);
  expect(performance.now() - heardAt).toBeGreaterThan(290);
});

test('the ears refuse in Deepgram’s words, garble a result, are cut with 1011, and can be deaf', async () => {
  await order({ role: 'ears', kind: 'refuse', status: 429, times: 1 });
  expect(await listen()).toMatchObject({
    status: 429,
    body: {
      err_code: 'TOO_MANY_REQUESTS',
      err_msg: 'Too many requests. Please try again later',
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    },
  });
  await order({ role: 'ears', kind: 'garbage', times: 1 });
  const garbled = await listen();
  expect(() => garbled.texts.map((text) => JSON.parse(text) as unknown)).toThrow();
  await order({ role: 'ears', kind: 'cut', times: 1 });
  const cut = await listen();
  expect(cut.code).toBe(1011);
  expect(cut.texts.join()).not.toMatch(/Metadata/);
  await order({ role: 'ears', kind: 'silent' });
  expect(await listen()).toMatchObject({ texts: [], code: 1000 });
  await order(undefined);
  expect((await listen()).texts.join()).toMatch(/yes please/);
});

test('ears that hang never open; a recording is refused as well', async () => {
  await order({ role: 'ears', kind: 'hang', times: 1 });
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/listen`, {
    headers: { Authorization: `Token ${SPEECH_KEY}` },
    handshakeTimeout: 300,
  });
  const failure = await new Promise<Error>((resolve) => socket.on('error', resolve));
  expect(failure.message).toMatch(/timed out/);
  await order({ role: 'ears', kind: 'refuse', status: 401, times: 1 });
  const recording = await fetch(`${gateway.url}/v1/listen`, {
    method: 'POST',
    headers: { authorization: `Token ${SPEECH_KEY}`, 'content-type': 'audio/wav' },
    body: new Uint8Array(44),
  });
  expect([recording.status, await recording.json()]).toEqual([
    401,
    { err_code: 'INVALID_AUTH', err_msg: 'Invalid credentials.', request_id: expect.any(String) },
  ]);
});

test('outside of tests there is nothing to order faults with', async () => {
  const ordinary = await startSpeechGateway({ ENVIRONMENT: 'development' });
  try {
    expect(await order({ role: 'mind', kind: 'hang' }, SPEECH_KEY, ordinary.url)).toBe(404);
    expect(await order(undefined, SPEECH_KEY, ordinary.url)).toBe(404);
  } finally {
    await ordinary.stop();
  }
});
