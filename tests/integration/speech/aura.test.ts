/** The agent's own client of Deepgram's voice against the embedded gateway: heard, refused, and its recordings. */
import { initializeLogger } from '@livekit/agents';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unwatched } from '../../../src-agent/providers/provider-server.test-kit.ts';
import { auraVoice, SPEECH_RATE_HZ } from '../../../src-agent/speech/speech-request.ts';
import { StreamingTts } from '../../../src-agent/speech/streaming-tts.ts';
import { resample } from '../../../src-embedded/speech/audio/resample.ts';
import { parseWav } from '../../../src-embedded/speech/audio/wav.ts';
import { recogniseSamples } from '../../support/talk/speech.ts';
import { type RunningGateway, SPEECH_KEY, startSpeechGateway } from '../../support/talk/speech-gateway.ts';

let gateway: RunningGateway;

beforeAll(async () => {
  initializeLogger({ pretty: false, level: 'silent' });
  gateway = await startSpeechGateway();
});
afterAll(() => gateway?.stop());

const voiceOf = (model: string, apiKey = SPEECH_KEY) =>
  new StreamingTts({
    voices: unwatched([auraVoice({ apiKey, baseUrl: gateway.url.replace('http', 'ws'), model })]),
    onFault: () => undefined,
  });

async function speak(tts: StreamingTts): Promise<{ samples: Int16Array; failures: string[] }> {
  const failures: string[] = [];
  tts.on('error', ({ error }) => failures.push(error.message));
  const samples: number[] = [];
  for await (const { frame } of tts.synthesize('You have fifty nine minutes left.'))
    samples.push(...frame.data);
  return { samples: Int16Array.from(samples), failures };
}

test('says the words', async () => {
  const { samples, failures } = await speak(voiceOf('aura-2-thalia-en'));
  expect(failures).toEqual([]);
  const { general } = await recogniseSamples(resample(samples, SPEECH_RATE_HZ, 16_000));
  expect(general).toContain('fifty nine minutes');
});

test.each([
  ['a model that there is not', 'aura-9-nobody-en', SPEECH_KEY, 400],
  ['a wrong key', 'aura-2-thalia-en', 'wrong', 401],
])('refuses %s', async (_what, model, key, status) => {
  const { samples, failures } = await speak(voiceOf(model, key));
  expect(samples).toHaveLength(0);
  expect(failures).toEqual([expect.stringContaining(String(status))]);
});

test('makes a WAV file where no container is named, and refuses what is too long in Deepgram’s form', async () => {
  const ask = (text: string) =>
    fetch(`${gateway.url}/v1/speak?model=aura-2-thalia-en&encoding=linear16`, {
      method: 'POST',
      headers: { authorization: `Token ${SPEECH_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
    });
  const file = parseWav(Buffer.from(await (await ask('Hello.')).arrayBuffer()));
  expect(file).toMatchObject({ sampleRate: SPEECH_RATE_HZ, channels: 1 });
  const refused = await ask('x'.repeat(2_001));
  expect([refused.status, await refused.json()]).toEqual([
    400,
    { err_code: 'Bad Request', err_msg: expect.stringContaining('text'), request_id: expect.any(String) },
  ]);
});
