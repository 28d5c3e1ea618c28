/**
 * The embedded ears on the wire: what Deepgram's `/v1/listen` sends while somebody speaks and when he stops, and what it
 * refuses with which words; and Flux, `/v2/listen`, with LiveKit's own client of it.
 */
import { initializeLogger, stt } from '@livekit/agents';
import * as deepgram from '@livekit/agents-plugin-deepgram';
import { AudioFrame } from '@livekit/rtc-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { pcmBytes } from '../../../src-embedded/speech/audio/wav.ts';
import { speak } from '../../support/talk/speech.ts';
import { type RunningGateway, SPEECH_KEY, startSpeechGateway } from '../../support/talk/speech-gateway.ts';

const RATE = 16_000;
const CHUNK_MS = 50;

let gateway: RunningGateway;
let address: string;

beforeAll(async () => {
  initializeLogger({ pretty: false, level: 'silent' });
  gateway = await startSpeechGateway();
  address = gateway.url.replace('http', 'ws');
});
afterAll(() => gateway?.stop());

interface Message {
  type: string;
  is_final?: boolean;
  speech_final?: boolean;
  duration?: number;
  start?: number;
  channel?: { alternatives: { transcript: string; words: { start: number; end: number }[] }[] };
}

/** The sentences with a pause between them and around them. */
async function spoken(sentences: string[], pauseMs = 800): Promise<Int16Array> {
  const pause = new Array<number>((RATE * pauseMs) / 1000).fill(0);
  const parts = [pause];
  for (const sentence of sentences) parts.push([...(await speak(sentence)).samples], pause);
  return Int16Array.from(parts.flat());
}

/** Gives the pieces of a recording as fast as it was spoken. */
async function* asSpoken(samples: Int16Array): AsyncGenerator<Int16Array> {
  const started = performance.now();
  const size = (RATE * CHUNK_MS) / 1000;
  for (let at = 0; at + size <= samples.length; at += size) {
    const wait = started + ((at + size) * 1000) / RATE - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    yield Int16Array.from(samples.slice(at, at + size));
  }
}

/** Speaks into `/v1/listen` and gives all that came back. */
async function listen(query: string, samples: Int16Array): Promise<Message[]> {
  const socket = new WebSocket(`${address}/v1/listen?model=nova-3&punctuate=true&${query}`, {
    headers: { Authorization: `Token ${SPEECH_KEY}` },
  });
  const messages: Message[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data)) as Message));
  const closed = new Promise((resolve, reject) => {
    socket.on('close', resolve);
    socket.on('error', reject);
  });
  await new Promise((resolve) => socket.once('open', resolve));
  for await (const piece of asSpoken(samples)) socket.send(pcmBytes(piece));
  socket.send('{"type":"CloseStream"}');
  await closed;
  return messages;
}

const transcript = (message: Message) => message.channel?.alternatives[0]?.transcript ?? '';
const plain = (messages: Message[]) =>
  messages
    .map(transcript)
    .join(' ')
    .toLowerCase()
    .replace(/[^a-z ]/g, '');

test('interims come while somebody speaks; the finals together say it once, and the last is speech_final', async () => {
  // Long enough for an interim on a busy machine too.
  const samples = await spoken(['How much time do I have left on my card?', 'I want to buy more time.'], 500);
  const messages = await listen('interim_results=true&endpointing=25&vad_events=true', samples);
  expect(messages[0]?.type).toBe('SpeechStarted');
  const results = messages.filter((message) => message.type === 'Results');
  const interims = results.filter((message) => !message.is_final);
  expect(interims.length).toBeGreaterThan(0);
  expect(interims.every((message) => message.speech_final === false)).toBe(true);
  const finals = results.filter((message) => message.is_final);
  expect(plain(finals).trim()).toBe('how much time do i have left on my card i want to buy more time');
  expect(finals.at(-1)?.speech_final).toBe(true);
  expect(results.indexOf(finals.at(-1) as Message)).toBeGreaterThan(results.indexOf(interims[0] as Message));
  const ends = finals.map((message) => (message.start ?? 0) + (message.duration ?? 0));
  expect(ends).toEqual(ends.toSorted((a, b) => a - b));
});

test('speech_final is about the sound alone, by so much as was asked: a short pause is none with 900 ms', async () => {
  const samples = await spoken(['Yes please.', 'I want to buy the basic package.'], 300);
  const cut = (await listen('endpointing=25', samples)).filter((message) => message.speech_final);
  expect(cut.length).toBeGreaterThanOrEqual(2);
  const whole = (await listen('endpointing=900', samples)).filter((message) => message.speech_final);
  expect(plain(whole).trim()).toMatch(/^yes please i want to buy the basic package$/);
  expect(whole).toHaveLength(1);
});

test('endpointing=false gives no speech_final, utterance_end_ms its own message, and no vad_events none', async () => {
  const samples = await spoken(['Hello.'], 1_600);
  const messages = await listen('endpointing=false&interim_results=true&utterance_end_ms=1000', samples);
  expect(messages.filter((message) => message.type === 'SpeechStarted')).toEqual([]);
  const finals = messages.filter((message) => message.is_final);
  expect([finals.length, finals[0]?.speech_final]).toEqual([1, false]);
  const types = messages.map((message) => message.type);
  expect(types.lastIndexOf('UtteranceEnd')).toBeGreaterThan(types.indexOf('Results'));
});

/** The HTTP answer that a refused WebSocket gets. */
function refusal(path: string, key = SPEECH_KEY): Promise<{ status: number; body: unknown }> {
  const socket = new WebSocket(`${address}${path}`, { headers: { Authorization: `Token ${key}` } });
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
    });
    socket.on('open', () => reject(new Error('the WebSocket was opened')));
    socket.on('error', reject);
  });
}

test.each([
  ['/v1/listen?model=nova-99', 'Bad Request: No such model/language/tier combination found.'],
  ['/v1/listen?model=flux-general-en', 'Bad Request: No such model/language/tier combination found.'],
  ['/v2/listen?model=nova-3', 'Bad Request: No such model/language/tier combination found.'],
  ['/v1/listen?model=nova-3&language=xx', expect.stringContaining('English only')],
  ['/v1/listen?model=nova-3&encoding=opus', expect.stringContaining('linear16')],
])('%s is refused with 400 in Deepgram’s form', async (path, message) => {
  expect(await refusal(path)).toEqual({
    status: 400,
    body: { err_code: 'Bad Request', err_msg: message, request_id: expect.any(String) },
  });
});

test('a wrong key is refused with 401 in Deepgram’s words', async () => {
  const body = { err_code: 'INVALID_AUTH', err_msg: 'Invalid credentials.', request_id: expect.any(String) };
  for (const path of ['/v1/listen?model=nova-3', '/v2/listen?model=flux-general-en']) {
    expect(await refusal(path, 'wrong')).toEqual({ status: 401, body });
  }
});

test('deepgram.STTv2 hears turns, with interims, early ends and ends', async () => {
  const recogniser = new deepgram.STTv2({
    apiKey: SPEECH_KEY,
    endpointUrl: `${address}/v2/listen`,
    model: 'flux-general-en',
    eagerEotThreshold: 0.4,
  });
  const stream = recogniser.stream();
  const events: stt.SpeechEvent[] = [];
  const reading = (async () => {
    for await (const event of stream) events.push(event);
  })();
  const samples = await spoken(['How much time do I have left?', 'No thank you.'], 1_000);
  for await (const piece of asSpoken(samples)) {
    stream.pushFrame(new AudioFrame(piece, RATE, 1, piece.length));
  }
  stream.endInput();
  await reading;
  const { START_OF_SPEECH, INTERIM_TRANSCRIPT, PREFLIGHT_TRANSCRIPT, FINAL_TRANSCRIPT, END_OF_SPEECH } =
    stt.SpeechEventType;
  const of = (type: stt.SpeechEventType) => events.filter((event) => event.type === type);
  const texts = (type: stt.SpeechEventType) => of(type).map((event) => event.alternatives?.[0]?.text);
  expect(texts(FINAL_TRANSCRIPT)).toEqual(['How much time do I have left?', 'No thank you.']);
  expect([of(START_OF_SPEECH).length, of(END_OF_SPEECH).length]).toEqual([2, 2]);
  expect(of(INTERIM_TRANSCRIPT).length).toBeGreaterThanOrEqual(2);
  expect(texts(PREFLIGHT_TRANSCRIPT)).toContain('How much time do I have left?');
});
