/** A machine without pocketsphinx: listening is refused with the way to mend it, all else goes on. */
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type RunningGateway, SPEECH_KEY, startSpeechGateway } from '../../support/talk/speech-gateway.ts';

let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await startSpeechGateway({ PATH: '/nonexistent' });
});
afterAll(() => gateway?.stop());

interface Refusal {
  status: number;
  reason: string;
}

/** The HTTP answer that a refused WebSocket gets. */
function refusal(path: string, key: string): Promise<Refusal> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}${path}`, {
    headers: { Authorization: `Token ${key}` },
  });
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => {
      resolve({ status: response.statusCode ?? 0, reason: String(response.headers['dg-error']) });
      response.resume();
    });
    socket.on('open', () => reject(new Error('the WebSocket was opened')));
    socket.on('error', reject);
  });
}

test('health is degraded and says how to mend it', async () => {
  const report = await gateway.health();
  expect(report.status).toBe('degraded');
  expect(report.checks['pocketsphinx']).toMatch(/apt-get install pocketsphinx pocketsphinx-en-us/);
});

test('/v1/listen is refused with the same words, live and for a recording', async () => {
  const live = await refusal('/v1/listen?model=nova-3', SPEECH_KEY);
  expect(live.status).toBe(503);
  expect(live.reason).toMatch(/apt-get install pocketsphinx/);
  const recording = await fetch(`${gateway.url}/v1/listen`, {
    method: 'POST',
    headers: { authorization: `Token ${SPEECH_KEY}`, 'content-type': 'audio/wav' },
    body: new Uint8Array(44),
  });
  expect(recording.status).toBe(503);
  expect(await recording.json()).toMatchObject({ err_msg: expect.stringMatching(/pocketsphinx/) });
});

test('a wrong key, a wrong path and a wrong parameter are refused first', async () => {
  expect(await refusal('/v1/listen', 'wrong')).toMatchObject({ status: 401 });
  expect(await refusal('/v1/other', SPEECH_KEY)).toMatchObject({ status: 404 });
  const wrong = await refusal('/v1/listen?encoding=opus', SPEECH_KEY);
  expect(wrong).toMatchObject({ status: 400, reason: expect.stringMatching(/linear16/) });
});

test('typed chat and the voice still work', async () => {
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: SPEECH_KEY, maxRetries: 0 });
  const answer = await client.chat.completions.create({
    model: 'm',
    messages: [{ role: 'user', content: 'hello' }],
  });
  expect(answer.choices[0]?.message.content).toMatch(/Hello/);
  const sound = await client.audio.speech.create({
    model: 'tts-1',
    voice: 'alloy',
    input: 'Hello.',
    response_format: 'pcm',
  });
  expect((await sound.arrayBuffer()).byteLength).toBeGreaterThan(20_000);
});
