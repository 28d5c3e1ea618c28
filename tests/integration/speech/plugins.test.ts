/**
 * The LiveKit plugins, unchanged, against the embedded gateway: what a customer says goes in through deepgram.STT, the
 * reply comes out of openai.LLM, and openai.TTS speaks it so that it can be understood.
 */
import { initializeLogger, llm, stt } from '@livekit/agents';
import * as deepgram from '@livekit/agents-plugin-deepgram';
import * as openai from '@livekit/agents-plugin-openai';
import { AudioFrame } from '@livekit/rtc-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resample } from '../../../src-embedded/speech/audio/resample.ts';
import { recogniseSamples, speak } from '../../support/talk/speech.ts';
import { type RunningGateway, SPEECH_KEY, startSpeechGateway } from '../../support/talk/speech-gateway.ts';

const RATE = 16_000;
const FRAME_SAMPLES = 160;
/** How late a final may be after the last sound: the silence that proves the end, decoding, and a busy machine. */
const FINAL_LIMIT_MS = 1_500;

let gateway: RunningGateway;

beforeAll(async () => {
  initializeLogger({ pretty: false, level: 'error' });
  gateway = await startSpeechGateway();
});
afterAll(() => gateway?.stop());

interface Heard {
  types: stt.SpeechEventType[];
  finals: string[];
  finalLatencyMs: number;
}

/** Speaks the sentences in real time, as a microphone would deliver them, and collects what the plugin reports. */
async function hear(sentences: string[]): Promise<Heard> {
  const stream = new deepgram.STT({
    baseUrl: gateway.url.replace('http', 'ws'),
    apiKey: SPEECH_KEY,
  }).stream();
  const parts: Int16Array[] = [new Int16Array(RATE / 2)];
  for (const sentence of sentences) parts.push((await speak(sentence)).samples, new Int16Array(RATE));
  const samples = Int16Array.from(parts.flatMap((part) => [...part]));
  const started = performance.now();
  let lastSoundAt = 0;
  const heard: Heard = { types: [], finals: [], finalLatencyMs: 0 };
  const reading = (async () => {
    for await (const event of stream) {
      heard.types.push(event.type);
      if (event.type !== stt.SpeechEventType.FINAL_TRANSCRIPT) continue;
      heard.finals.push(event.alternatives?.[0]?.text ?? '');
      heard.finalLatencyMs = performance.now() - lastSoundAt;
    }
  })();
  for (let at = 0; at + FRAME_SAMPLES <= samples.length; at += FRAME_SAMPLES) {
    const wait = started + (at * 1000) / RATE - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    const frame = Int16Array.from(samples.slice(at, at + FRAME_SAMPLES));
    if (frame.some((sample) => Math.abs(sample) > 300)) lastSoundAt = performance.now();
    stream.pushFrame(new AudioFrame(frame, RATE, 1, FRAME_SAMPLES));
  }
  stream.endInput();
  await reading;
  return heard;
}

test('deepgram.STT hears two sentences, each with its start, final and end', async () => {
  const heard = await hear(['How much time do I have left?', 'I want to buy the premium package.']);
  // With its 25 ms of endpointing a sentence may come in parts, each with its own start and end.
  const words = heard.finals
    .join(' ')
    .toLowerCase()
    .replace(/[^a-z ]/g, '');
  expect(words).toBe('how much time do i have left i want to buy the premium package');
  const { START_OF_SPEECH, FINAL_TRANSCRIPT, END_OF_SPEECH, INTERIM_TRANSCRIPT } = stt.SpeechEventType;
  const turn = [START_OF_SPEECH, FINAL_TRANSCRIPT, END_OF_SPEECH];
  const usual = heard.types.filter((type) => turn.includes(type));
  expect(heard.finals.length).toBeGreaterThanOrEqual(2);
  expect(usual).toEqual(heard.finals.flatMap(() => turn));
  expect(heard.types).toContain(INTERIM_TRANSCRIPT);
  expect(heard.finalLatencyMs).toBeLessThan(FINAL_LIMIT_MS);
});

test('off-topic speech is written down as it was, not as one of our commands', async () => {
  const heard = await hear(['Let us go to the beach on Sunday.']);
  expect(heard.finals.join(' ')).toMatch(/beach on sunday/i);
});

test('deepgram.STT reads a whole recording', async () => {
  const recogniser = new deepgram.STT({ baseUrl: gateway.url.replace('http', 'ws'), apiKey: SPEECH_KEY });
  const { samples } = await speak('What are the prices?');
  const event = await recogniser.recognize(new AudioFrame(samples, RATE, 1, samples.length));
  expect(event.alternatives?.[0]?.text).toBe('What are the prices?');
});

test('openai.LLM answers in words and calls a tool with its argument', async () => {
  const model = new openai.LLM({ baseURL: `${gateway.url}/v1`, apiKey: SPEECH_KEY, model: 'gpt-4.1-mini' });
  const ask = async (words: string) => {
    const chatCtx = llm.ChatContext.empty();
    chatCtx.addMessage({ role: 'user', content: words });
    const toolCtx = new llm.ToolContext([
      llm.tool({
        name: 'start_purchase_process',
        description: 'Opens the purchase on the screen.',
        parameters: {
          type: 'object',
          properties: { package_id: { type: 'string' } },
          required: ['package_id'],
        },
        execute: async () => 'done',
      }),
    ]);
    return model.chat({ chatCtx, toolCtx }).collect();
  };
  expect((await ask('Are you a person?')).text).toMatch(/AI.*scripted demo/);
  const bought = await ask('I want to buy the basic package');
  expect(bought.toolCalls.map((call) => [call.name, call.args])).toEqual([
    ['start_purchase_process', '{"package_id":"basic"}'],
  ]);
});

test('openai.TTS speaks so that it is understood', async () => {
  const voice = new openai.TTS({ baseURL: `${gateway.url}/v1`, apiKey: SPEECH_KEY });
  const samples: number[] = [];
  for await (const audio of voice.synthesize('You have fifty five minutes left.')) {
    samples.push(...audio.frame.data);
  }
  const heard = await recogniseSamples(resample(Int16Array.from(samples), 24_000, RATE));
  expect(heard.general).toMatch(/fifty five minutes left/);
});
