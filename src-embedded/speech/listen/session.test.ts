import { expect, test } from 'vitest';
import { pcmBytes } from '../audio/wav.ts';
import type { Recogniser, Recognition } from './recogniser.ts';
import { ListenSession } from './session.ts';

const PARAMETERS = {
  sampleRate: 16_000,
  endSilenceMs: 300,
  punctuate: true,
  interimResults: false,
  utteranceEndMs: 1000,
};

interface Sent {
  type: string;
  is_final?: boolean;
  speech_final?: boolean;
  from_finalize?: boolean;
  channel?: { alternatives: { transcript: string }[] };
}

/** A recogniser that answers in turn; an Error is a failing decoder. */
function harness(answers: (string | Error)[]) {
  const sent: Sent[] = [];
  const faults: unknown[] = [];
  const heardBytes: number[] = [];
  const discarded: number[] = [];
  let begun = 0;
  const recogniser: Recogniser = {
    warm: () => undefined,
    begin() {
      const index = begun;
      begun += 1;
      heardBytes[index] = 0;
      return {
        write(pcm) {
          heardBytes[index] = (heardBytes[index] ?? 0) + pcm.length;
        },
        async finish(): Promise<Recognition> {
          const answer = answers[index] ?? '';
          if (answer instanceof Error) throw answer;
          const words = answer
            .split(' ')
            .filter(Boolean)
            .map((word, at) => ({ word, start: at, end: at + 1, confidence: 0.9 }));
          return { words, confidence: words.length ? 0.9 : 0, source: words.length ? 'domain' : 'none' };
        },
        async discard() {
          discarded.push(index);
        },
      };
    },
    async close() {},
  };
  const session = new ListenSession({
    requestId: 'r',
    parameters: PARAMETERS,
    recogniser,
    send: (message) => sent.push(message as Sent),
    onFault: (error) => faults.push(error),
  });
  return { session, sent, faults, heardBytes, discarded };
}

const tone = (ms: number) =>
  pcmBytes(Int16Array.from({ length: 16 * ms }, (_, at) => Math.round(4000 * Math.sin(at / 12))));
const silence = (ms: number) => Buffer.alloc(32 * ms);

test('each utterance gives SpeechStarted, one speech_final result, UtteranceEnd; the close gives Metadata', async () => {
  const { session, sent } = harness(['hello there', 'goodbye']);
  for (let turn = 0; turn < 2; turn += 1) {
    session.audio(silence(400));
    session.audio(tone(500));
    session.audio(silence(500));
  }
  await session.close();
  expect(sent.map((message) => message.type)).toEqual([
    ...['SpeechStarted', 'Results', 'UtteranceEnd'],
    ...['SpeechStarted', 'Results', 'UtteranceEnd'],
    'Metadata',
  ]);
  expect(sent[1]).toMatchObject({ is_final: true, speech_final: true, from_finalize: false });
  expect(sent[1]?.channel?.alternatives[0]?.transcript).toBe('Hello there.');
});

test('Finalize ends an open utterance at once, and is answered even when nobody speaks', async () => {
  const { session, sent } = harness(['stop']);
  session.audio(tone(500));
  session.control('{"type":"Finalize"}');
  session.control('{"type":"Finalize"}');
  await session.close();
  const finals = sent.filter((message) => message.type === 'Results');
  expect(finals.map((message) => message.channel?.alternatives[0]?.transcript)).toEqual(['Stop.', '']);
  expect(finals.every((message) => message.from_finalize)).toBe(true);
});

test('a failing decoder ends the utterance empty, and the next one is heard', async () => {
  const { session, sent, faults } = harness([new Error('decoder died'), 'yes']);
  for (let turn = 0; turn < 2; turn += 1) {
    session.audio(tone(500));
    session.audio(silence(500));
  }
  await session.close();
  expect(faults).toHaveLength(1);
  expect(
    sent.filter((message) => message.type === 'Results').map((m) => m.channel?.alternatives[0]?.transcript),
  ).toEqual(['', 'Yes.']);
});

test('KeepAlive is silent, CloseStream closes, anything else is answered as an error', () => {
  const { session, sent } = harness([]);
  expect(session.control('{"type":"KeepAlive"}')).toBe('continue');
  expect(session.control('{"type":"CloseStream"}')).toBe('close');
  expect(sent).toEqual([]);
  session.control('not json');
  session.control('{"type":"Dance"}');
  expect(sent.map((message) => message.type)).toEqual(['Error', 'Error']);
});

test('a client that goes away in mid-sentence frees its decoder and hears nothing more', async () => {
  const { session, sent, discarded } = harness(['hello']);
  session.audio(tone(500));
  await session.abandon();
  session.audio(silence(500));
  expect(discarded).toEqual([0]);
  expect(sent.filter((message) => message.type === 'Results')).toEqual([]);
});
