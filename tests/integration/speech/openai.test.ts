/** The official OpenAI client against the embedded gateway: models, chat, tools, audio, refusals. */
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resample } from '../../../src-embedded/speech/audio/resample.ts';
import { parseWav, pcmSamples } from '../../../src-embedded/speech/audio/wav.ts';
import { TOOL_NAMES } from '../../../src-shared/agent-link.ts';
import { recogniseSamples } from '../../support/talk/speech.ts';
import { type RunningGateway, SPEECH_KEY, startSpeechGateway } from '../../support/talk/speech-gateway.ts';

let gateway: RunningGateway;
let client: OpenAI;

beforeAll(async () => {
  gateway = await startSpeechGateway();
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: SPEECH_KEY, maxRetries: 0 });
});
afterAll(() => gateway?.stop());

const tools = TOOL_NAMES.map((name) => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object', properties: {} } },
}));

test('health, models and metrics answer', async () => {
  expect(await gateway.health()).toMatchObject({
    status: 'ok',
    service: 'speech',
    checks: { pocketsphinx: 'ok' },
  });
  const ids = (await client.models.list()).data.map((model) => model.id);
  expect(ids).toContain('mindbot-scripted-concierge');
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).toMatch(/mindbot_speech_requests_total/);
});

describe('chat', () => {
  test('streams a tool call, and then the result in words, with usage', async () => {
    const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'How much time do I have left?' },
    ];
    const first = await client.chat.completions.stream({ model: 'm', messages, tools }).finalChatCompletion();
    const call = first.choices[0]?.message.tool_calls?.[0];
    if (call?.type !== 'function') throw new Error('no function was called');
    expect(call.function).toMatchObject({ name: 'check_time_balance', arguments: '{}' });
    messages.push(
      { role: 'assistant', tool_calls: [call] },
      {
        role: 'tool',
        tool_call_id: call.id,
        content: '{"ok":true,"spoken":"You have 55 minutes left.","data":{}}',
      },
    );
    const chunks = await client.chat.completions.create({
      model: 'm',
      messages,
      tools,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let pieces = 0;
    let total = 0;
    for await (const chunk of chunks) {
      const piece = chunk.choices[0]?.delta.content ?? '';
      text += piece;
      pieces += piece ? 1 : 0;
      total = chunk.usage?.total_tokens ?? total;
    }
    expect(text).toBe('You have 55 minutes left.');
    expect(pieces).toBe(5);
    expect(total).toBeGreaterThan(0);
  });

  test('answers whole without stream', async () => {
    const answer = await client.chat.completions.create({
      model: 'm',
      messages: [{ role: 'user', content: 'Who are you?' }],
    });
    expect(answer.choices[0]?.message.content).toMatch(/scripted demo/);
    expect(answer.choices[0]?.finish_reason).toBe('stop');
  });

  test('a wrong request is refused with the parameter’s name', async () => {
    const wrong = client.chat.completions.create({ model: 'm', messages: [] });
    await expect(wrong).rejects.toMatchObject({ status: 400, param: 'messages' });
  });

  test('refuses what the model would not take, in its maker’s words', async () => {
    const ask = (model: string, reasoning_effort?: 'none' | 'low') =>
      client.chat.completions.create({
        model,
        tools,
        messages: [{ role: 'user', content: 'Hello' }],
        ...(reasoning_effort && { reasoning_effort }),
      });
    const withTools = {
      status: 400,
      param: 'reasoning_effort',
      message: expect.stringContaining('Function tools'),
    };
    await expect(ask('gpt-6-luna')).rejects.toMatchObject(withTools);
    await expect(ask('gpt-6-luna', 'low')).rejects.toMatchObject(withTools);
    await expect(ask('gpt-6-luna', 'none')).resolves.toMatchObject({ object: 'chat.completion' });
    const unknown = expect.stringContaining('Unrecognized request argument supplied: reasoning_effort');
    await expect(ask('gpt-4.1-mini', 'none')).rejects.toMatchObject({ status: 400, message: unknown });
    await expect(ask('gpt-4.1-mini')).resolves.toMatchObject({ object: 'chat.completion' });
  });
});

describe('speech', () => {
  test('pcm is 24 kHz speech that says the words', async () => {
    const answer = await client.audio.speech.create({
      model: 'tts-1',
      voice: 'alloy',
      input: 'You have 1 hour and 5 minutes left.',
      response_format: 'pcm',
    });
    const samples = pcmSamples(new Uint8Array(await answer.arrayBuffer()));
    const heard = await recogniseSamples(resample(samples, 24_000, 16_000));
    expect(heard.general).toMatch(/one hour and five minutes/);
  });

  test('the first sound leaves long before the last', async () => {
    const answer = await client.audio.speech.create({
      model: 'tts-1',
      voice: 'nova',
      input: 'Hello. '.concat(
        'This sentence takes its time to be spoken, and then there is more of it. '.repeat(8),
      ),
      response_format: 'pcm',
    });
    const arrivals: number[] = [];
    const reader = answer.body?.getReader();
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      arrivals.push(performance.now());
    }
    expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(200);
  });

  test('wav has a header; mp3, unknown voices and empty text are refused clearly', async () => {
    const speak = (extra: Partial<OpenAI.Audio.SpeechCreateParams>) =>
      client.audio.speech.create({
        model: 'tts-1',
        voice: 'alloy',
        input: 'Hello.',
        response_format: 'wav',
        ...extra,
      });
    const audio = parseWav(new Uint8Array(await (await speak({})).arrayBuffer()));
    expect(audio).toMatchObject({ sampleRate: 24_000, channels: 1 });
    await expect(speak({ response_format: 'mp3' })).rejects.toMatchObject({
      status: 400,
      param: 'response_format',
    });
    await expect(speak({ voice: 'nobody' })).rejects.toMatchObject({ status: 400, param: 'voice' });
    await expect(speak({ input: '' })).rejects.toMatchObject({ status: 400, param: 'input' });
  });
});

describe('transcription', () => {
  const recording = async () => {
    const answer = await client.audio.speech.create({
      model: 'tts-1',
      voice: 'alloy',
      input: 'What are the prices?',
      response_format: 'wav',
    });
    return toFile(Buffer.from(await answer.arrayBuffer()), 'question.wav', { type: 'audio/wav' });
  };

  test('a recording is written down, as JSON, as text and with its words', async () => {
    const file = await recording();
    const ask = { file, model: 'whisper-1' };
    expect((await client.audio.transcriptions.create(ask)).text).toBe('What are the prices?');
    const text = await client.audio.transcriptions.create({ ...ask, response_format: 'text' });
    expect(text).toBe('What are the prices?\n');
    const whole = await client.audio.transcriptions.create({ ...ask, response_format: 'verbose_json' });
    expect(whole.words?.map((heard) => heard.word)).toEqual(['what', 'are', 'the', 'prices']);
  });

  test('an unknown model, another language and what is no recording are refused clearly', async () => {
    const file = await recording();
    const ask = (extra: Partial<OpenAI.Audio.TranscriptionCreateParamsNonStreaming>) =>
      client.audio.transcriptions.create({ file, model: 'gpt-4o-mini-transcribe', ...extra });
    await expect(ask({ model: 'whisper-99' })).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
    await expect(ask({ language: 'de' })).rejects.toMatchObject({ status: 400, param: 'language' });
    const noise = await toFile(Buffer.from('no sound'), 'a.wav');
    await expect(ask({ file: noise })).rejects.toMatchObject({ status: 400, param: 'file' });
    const broken = await fetch(`${gateway.url}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SPEECH_KEY}`, 'content-type': 'multipart/form-data' },
      body: 'x',
    });
    expect([broken.status, await broken.json()]).toMatchObject([400, { error: { param: null } }]);
  });
});

describe('refusals', () => {
  test('a wrong key opens nothing', async () => {
    const stranger = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'wrong', maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
    const bare = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body: '{}' });
    expect(bare.status).toBe(401);
  });

  test('unknown paths and broken bodies get OpenAI-style errors', async () => {
    await expect(client.embeddings.create({ model: 'm', input: 'x' })).rejects.toMatchObject({
      status: 404,
      code: 'unknown_url',
    });
    const broken = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SPEECH_KEY}`, 'content-type': 'application/json' },
      body: '{"model":',
    });
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });
});
