/** The framework's own way from text to sound and captions, with a voice that says nothing, quickly. */
import { ReadableStream } from 'node:stream/web';
import {
  type APIConnectOptions,
  initializeLogger,
  tts,
  USERDATA_TIMED_TRANSCRIPT,
  type voice,
} from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { ClauseTokenizer } from './clauses.ts';
import { captionStream, SpokenAnswer, spokenStream, withCaptions } from './spoken-answer.ts';

beforeAll(() => initializeLogger({ pretty: false, level: 'silent' }));

const RATE_HZ = 24_000;

class SilentVoice extends tts.TTS {
  readonly label = 'test.SilentVoice';
  readonly asked: string[] = [];

  constructor() {
    super(RATE_HZ, 1, { streaming: false });
  }

  synthesize(text: string, options?: APIConnectOptions, signal?: AbortSignal): tts.ChunkedStream {
    this.asked.push(text);
    return new Silence(text, this, options, signal);
  }

  stream(): tts.SynthesizeStream {
    throw new Error('not offered');
  }
}

class Silence extends tts.ChunkedStream {
  readonly label = 'test.Silence';

  protected async run(): Promise<void> {
    // A piece with this word fails.
    if (this.inputText.includes('unsayable')) return;
    const frame = new AudioFrame(new Int16Array(240), RATE_HZ, 1, 240);
    this.queue.put({ requestId: 'r', segmentId: 's', frame, final: true });
  }
}

/** What is asked of the voice, and the captions, for an answer that is written in these chunks. */
async function said(chunks: readonly string[]): Promise<{ asked: string[]; captions: string[] }> {
  const silent = new SilentVoice();
  const answer = new SpokenAnswer();
  const stream = new tts.StreamAdapter(silent, new ClauseTokenizer()).stream();
  stream.updateInputStream(spokenStream(ReadableStream.from(chunks), answer));
  const frames = new ReadableStream<AudioFrame>({
    async start(controller) {
      for await (const sound of stream) {
        if (sound !== tts.SynthesizeStream.END_OF_STREAM) controller.enqueue(sound.frame);
      }
      controller.close();
    },
  });
  const captions: string[] = [];
  for await (const frame of withCaptions(frames, answer)) {
    const timed = (frame.userdata[USERDATA_TIMED_TRANSCRIPT] ?? []) as voice.TimedString[];
    captions.push(...timed.map(({ text }) => text));
  }
  return { asked: silent.asked.map((text) => text.trim()), captions };
}

/** As a model writes: a few characters at a time. */
const inChunks = (text: string) => text.match(/[\s\S]{1,4}/g) ?? [];

describe('an answer', () => {
  test('has a space between two sentences of its caption', async () => {
    const { asked, captions } = await said(
      inChunks('There are ten minutes left on your card. Would you like to buy more of them?'),
    );
    expect(asked).toHaveLength(2);
    expect(captions.join('')).toBe(
      'There are ten minutes left on your card. Would you like to buy more of them?',
    );
  });

  test('is captioned with the address that is not spoken', async () => {
    const { asked, captions } = await said(inChunks('**Hi** 😀 [menu](https://a.b/c?d=1) | 1 | 2 | and 🎉'));
    expect(asked).toEqual(['Hi menu, 1, 2, and']);
    expect(captions.join('')).toBe('Hi 😀 menu (https://a.b/c?d=1), 1, 2, and 🎉');
  });

  test('has no caption for a piece that was not heard', async () => {
    const { captions } = await said(
      inChunks('This is the **first** sentence. This one is unsayable 😀. This is the *third* one 🎉.'),
    );
    expect(captions.join('')).toBe('This is the first sentence. This is the third one 🎉.');
  });

  test('of emoji asks nothing of the voice', async () => {
    expect(await said(['🎉', ' 😀'])).toEqual({ asked: [], captions: [] });
  });

  test('that is too long is neither spoken nor captioned to its end', async () => {
    const { asked, captions } = await said(
      inChunks('This sentence is one of very many in an answer. '.repeat(99)),
    );
    expect(asked.join(' ').length).toBeLessThanOrEqual(1_200);
    expect(captions.join('').trim()).toBe(asked.join(' '));
  });
});

describe('captions without sound', () => {
  const captions = async (chunks: (string | voice.TimedString)[]) => {
    const found: (string | voice.TimedString)[] = [];
    for await (const caption of captionStream(ReadableStream.from(chunks))) found.push(caption);
    return found;
  };

  test('are cleaned as those with sound', async () => {
    const found = await captions(inChunks('**Hi** 😀 all of you. See [this](https://a.b) & that.'));
    expect(found.join('')).toBe('Hi 😀 all of you. See this (https://a.b) & that.');
  });

  test('are left alone where they are timed', async () => {
    const timed = { text: '2 * 3 | 4', startTime: 1 } as voice.TimedString;
    expect(await captions([timed])).toEqual([timed]);
  });
});
