/** The voice's client against a local server: plays before the body ends, and fails in a way the framework understands. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { initializeLogger } from '@livekit/agents';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openAiVoice } from './speech-request.ts';
import { StreamingTts, type StreamingTtsOptions } from './streaming-tts.ts';

beforeAll(() => initializeLogger({ pretty: false, level: 'silent' }));

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function serve(answer: RequestListener, options: Partial<StreamingTtsOptions> = {}) {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const alloy = openAiVoice({ apiKey: 'secret', baseUrl, model: 'm', voice: 'alloy' });
  const voice = new StreamingTts({ voice: alloy, ...options });
  const failures: { error: Error; recoverable: boolean }[] = [];
  voice.on('error', (failure) => failures.push(failure));
  return { voice, failures };
}

/** So many ms of 24 kHz sound. */
const sound = (durationMs: number) => Buffer.alloc(durationMs * 48, 1);

async function samplesOf(stream: ReturnType<StreamingTts['synthesize']>): Promise<number> {
  let samples = 0;
  for await (const { frame } of stream) samples += frame.samplesPerChannel;
  return samples;
}

test('asks as OpenAI wants it, and hands on every sample, the last frame marked', async () => {
  let asked: unknown;
  const { voice } = await serve(async (request, response) => {
    const body = await request.toArray();
    asked = {
      url: request.url,
      key: request.headers.authorization,
      ...JSON.parse(Buffer.concat(body).toString()),
    };
    response.end(sound(330));
  });
  const finals: boolean[] = [];
  let samples = 0;
  for await (const { frame, final } of voice.synthesize('Hello.')) {
    finals.push(final);
    samples += frame.samplesPerChannel;
  }
  expect(asked).toEqual({
    url: '/v1/audio/speech',
    key: 'Bearer secret',
    input: 'Hello.',
    model: 'm',
    voice: 'alloy',
    response_format: 'pcm',
  });
  expect(samples).toBe(330 * 24);
  expect(finals.filter(Boolean)).toHaveLength(1);
  expect(finals.at(-1)).toBe(true);
});

test('the first frame comes before the body ends', async () => {
  let finish: () => void = () => undefined;
  const { voice } = await serve((_request, response) => {
    response.write(sound(200));
    finish = () => response.end(sound(100));
  });
  const stream = voice.synthesize('Hello.');
  const first = await stream.next();
  expect(first.value?.frame.samplesPerChannel).toBe(1_200);
  finish();
  expect(await samplesOf(stream)).toBe(300 * 24 - 1_200);
});

test('an abort ends the request and is no failure', async () => {
  const gone = vi.fn();
  const { voice, failures } = await serve((request, response) => {
    request.on('close', gone);
    response.on('close', gone);
    response.write(sound(200));
  });
  const abort = new AbortController();
  const stream = voice.synthesize('Hello.', undefined, abort.signal);
  await stream.next();
  abort.abort();
  await samplesOf(stream);
  await vi.waitFor(() => expect(gone).toHaveBeenCalled());
  expect(failures).toEqual([]);
});

test.each([
  [500, 2],
  [400, 1],
])('status %i is a failure after %i tries', async (status, tries) => {
  let asked = 0;
  const { voice, failures } = await serve((_request, response) => {
    asked += 1;
    response.writeHead(status).end('{}');
  });
  expect(await samplesOf(voice.synthesize('Hello.'))).toBe(0);
  expect(asked).toBe(tries);
  expect(failures).toHaveLength(1);
  expect(failures[0]?.error.message).toContain(String(status));
});

test('a server that hangs before or amid the sound is a failure; only before the sound is it asked again', async () => {
  let asked = 0;
  let begin = false;
  const { voice, failures } = await serve(
    (_request, response) => {
      asked += 1;
      if (begin) response.write(sound(200));
    },
    { stallMs: 100 },
  );
  expect(await samplesOf(voice.synthesize('Hello.'))).toBe(0);
  expect(asked).toBe(2);
  begin = true;
  expect(await samplesOf(voice.synthesize('Hello.'))).toBeGreaterThan(0);
  expect(asked).toBe(3);
  expect(failures).toHaveLength(2);
});
