/** The voice's client against a local server: plays before the body ends, and fails in a way the framework understands. */
import type { RequestListener } from 'node:http';
import { initializeLogger } from '@livekit/agents';
import { beforeAll, expect, test, vi } from 'vitest';
import type { ProviderError } from '../providers/fault.ts';
import { serveProvider, unwatched } from '../providers/provider-server.test-kit.ts';
import { openAiVoice } from './speech-request.ts';
import { StreamingTts, type StreamingTtsOptions } from './streaming-tts.ts';

beforeAll(() => initializeLogger({ pretty: false, level: 'silent' }));

async function listen(answer: RequestListener, model: string) {
  return openAiVoice({ apiKey: 'secret', baseUrl: await serveProvider(answer), model, voice: 'alloy' });
}

/** A voice whose servers, the first one first, answer so. */
async function serve(
  answer: RequestListener | RequestListener[],
  options: Partial<StreamingTtsOptions> = {},
) {
  const models = await Promise.all([answer].flat().map((each, index) => listen(each, 'mno'[index] ?? 'z')));
  const voices = unwatched(models);
  const faults: ProviderError['fault'][] = [];
  const voice = new StreamingTts({ voices, onFault: ({ fault }) => faults.push(fault), ...options });
  const failures: { error: Error; recoverable: boolean }[] = [];
  voice.on('error', (failure) => failures.push(failure));
  return { voice, failures, faults };
}

/** So many ms of 24 kHz sound, and of none. */
const sound = (durationMs: number) => Buffer.alloc(durationMs * 48, 1);
const silence = (durationMs: number) => Buffer.alloc(durationMs * 48, 0);

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
  const { voice, failures, faults } = await serve(
    (_request, response) => {
      asked += 1;
      if (begin) response.write(sound(200));
    },
    { firstSoundMs: 100, soundlessMs: 50 },
  );
  expect(await samplesOf(voice.synthesize('Hello.'))).toBe(0);
  expect(asked).toBe(2);
  begin = true;
  expect(await samplesOf(voice.synthesize('Hello.'))).toBeGreaterThan(0);
  expect(asked).toBe(3);
  expect(failures).toHaveLength(2);
  expect(faults).toMatchObject([{ kind: 'slow' }, { kind: 'cut' }]);
});

test('what is handed on begins with sound', async () => {
  const { voice } = await serve((_request, response) =>
    response.end(Buffer.concat([silence(600), sound(200), silence(100)])),
  );
  // The silent frame right before the sound stays: a soft beginning may lie in it.
  expect(await samplesOf(voice.synthesize('Hello.'))).toBe((50 + 200 + 100) * 24);
});

test('silence is no voice, however it comes', async () => {
  const { voice, faults } = await serve((_request, response) => response.end(silence(900)));
  expect(await samplesOf(voice.synthesize('Hello.'))).toBe(0);
  expect(faults).toMatchObject([{ role: 'voice', kind: 'silent', model: 'm', status: null }]);
  const drop = await serve(
    (_request, response) => {
      const timer = setInterval(() => response.write(silence(60)), 20);
      response.on('close', () => clearInterval(timer));
    },
    { firstSoundMs: 150 },
  );
  expect(await samplesOf(drop.voice.synthesize('Hello.'))).toBe(0);
  expect(drop.faults).toMatchObject([{ kind: 'silent' }]);
});

test('words instead of sound are not played', async () => {
  const { voice, faults } = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"error":"no"}');
  });
  expect(await samplesOf(voice.synthesize('Hello.'))).toBe(0);
  expect(faults).toMatchObject([{ kind: 'garbage' }]);
});

test.each<[string, RequestListener]>([
  ['refuses', (_request, response) => void response.writeHead(404).end()],
  ['hangs', () => undefined],
  ['breaks off', (request) => void request.socket.destroy()],
  ['is silent', (_request, response) => void response.end(silence(300))],
])(
  'where the first voice %s, the next one speaks the same piece, and the first is left out',
  async (_how, first) => {
    const spoken: RequestListener = (_request, response) => response.end(sound(300));
    let asked = 0;
    const counted: RequestListener = (request, response) => {
      asked += 1;
      first(request, response);
    };
    const { voice, failures, faults } = await serve([counted, spoken], { firstSoundMs: 200 });
    expect(await samplesOf(voice.synthesize('Hello.'))).toBe(300 * 24);
    expect(await samplesOf(voice.synthesize('Again.'))).toBe(300 * 24);
    expect(asked).toBe(1);
    expect(faults).toMatchObject([{ model: 'm' }]);
    expect(failures).toEqual([]);
  },
);

test('half a sentence is not begun again by the next voice', async () => {
  const broken: RequestListener = (request, response) => {
    response.write(sound(200), () => request.socket.destroy());
  };
  let asked = 0;
  const { voice, failures } = await serve([
    broken,
    (_request, response) => {
      asked += 1;
      response.end(sound(300));
    },
  ]);
  expect(await samplesOf(voice.synthesize('Hello.'))).toBeGreaterThan(0);
  expect(failures).toHaveLength(1);
  expect(asked).toBe(0);
});

test('no more is asked for than twenty seconds ahead of what is heard', async () => {
  let asked = 0;
  const { voice } = await serve((_request, response) => {
    asked += 1;
    response.end(sound(21_000));
  });
  await samplesOf(voice.synthesize('Long.'));
  const second = voice.synthesize('More.');
  const abort = new AbortController();
  const third = voice.synthesize('Yet more.', undefined, abort.signal);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(asked).toBe(1);
  voice.nothingPlays();
  await samplesOf(second);
  expect(asked).toBe(2);
  abort.abort();
  expect(await samplesOf(third)).toBe(0);
  expect(asked).toBe(2);
});
