import { expect, test } from 'vitest';
import type { ListenParameters } from './parameters.ts';
import { silence, type ToldAnswers, toldRecogniser, tone, turn } from './recogniser.test-kit.ts';
import { ListenSession } from './session.ts';

const PARAMETERS = {
  sampleRate: 16_000,
  endpointingMs: 300,
  punctuate: true,
  interimResults: false,
  vadEvents: true,
  utteranceEndMs: 1000,
};

interface Sent {
  type: string;
  is_final?: boolean;
  speech_final?: boolean;
  from_finalize?: boolean;
  channel?: { alternatives: { transcript: string }[] };
}

function harness(answers: ToldAnswers, parameters: Partial<ListenParameters> = {}) {
  const sent: Sent[] = [];
  const faults: unknown[] = [];
  const { recogniser, seen } = toldRecogniser(answers);
  const session = new ListenSession({
    requestId: 'r',
    parameters: { ...PARAMETERS, ...parameters },
    recogniser,
    send: (message) => sent.push(message as Sent),
    onFault: (error) => faults.push(error),
  });
  return { session, sent, faults, seen };
}

const shown = (sent: readonly Sent[]) =>
  sent.map((message) =>
    message.type === 'Results'
      ? `${message.is_final ? 'final' : 'interim'}${message.speech_final ? '!' : ''} ${message.channel?.alternatives[0]?.transcript}`
      : message.type,
  );

test('each utterance gives SpeechStarted, a speech_final result, UtteranceEnd; the close gives Metadata', async () => {
  const { session, sent } = harness({ whole: ['hello there', 'goodbye'] });
  for (let count = 0; count < 2; count += 1) {
    session.audio(silence(400));
    session.audio(tone(500));
    session.audio(silence(500));
    await turn();
    session.audio(silence(600));
  }
  await session.close();
  expect(shown(sent)).toEqual([
    ...['SpeechStarted', 'final! Hello there.', 'UtteranceEnd'],
    ...['SpeechStarted', 'final! Goodbye.', 'UtteranceEnd'],
    'Metadata',
  ]);
  expect(sent[1]).toMatchObject({ is_final: true, speech_final: true, from_finalize: false });
});

test('speech_final comes at the pause that was asked for; what is said after it is given alone, its context kept', async () => {
  const { session, sent, seen } = harness(
    { whole: ['i want to buy it now'], atPauses: ['i want to', 'i want to buy it now'] },
    { endpointingMs: 25, utteranceEndMs: null },
  );
  session.audio(tone(700));
  session.audio(silence(100));
  await turn();
  expect(shown(sent)).toEqual(['SpeechStarted', 'final! I want to.']);
  session.audio(tone(600));
  session.audio(silence(400));
  await turn();
  expect(shown(sent).slice(2)).toEqual(['SpeechStarted', 'final! Buy it now.']);
  expect(seen.resumed).toBe(1);
  await session.close();
  expect(shown(sent).slice(4)).toEqual(['Metadata']);
});

test('a gap that is over before its words are known ends nothing', async () => {
  const { session, sent } = harness(
    { whole: ['i want to buy it now'], atPauses: ['i want to'] },
    { endpointingMs: 25, utteranceEndMs: null },
  );
  session.audio(tone(700));
  session.audio(silence(50));
  session.audio(tone(600));
  session.audio(silence(400));
  await session.close();
  expect(shown(sent)).toEqual(['SpeechStarted', 'final! I want to buy it now.', 'Metadata']);
});

test('endpointing=false gives finals, but none of them is speech_final', async () => {
  const { session, sent } = harness({ whole: ['hello'] }, { endpointingMs: null, vadEvents: false });
  session.audio(tone(500));
  session.audio(silence(500));
  await turn();
  session.audio(silence(900));
  await session.close();
  expect(shown(sent)).toEqual(['final Hello', 'UtteranceEnd', 'Metadata']);
});

test('interims come while somebody speaks, and settled words of a long sentence as finals of their own', async () => {
  const { session, sent } = harness(
    { whole: ['one two three four five six seven'], onTheWay: ['one two', 'one two three four'] },
    { interimResults: true, utteranceEndMs: null },
  );
  session.audio(silence(700));
  session.audio(tone(600));
  await turn();
  expect(shown(sent)).toEqual(['SpeechStarted', 'interim One two']);
  // The share of the processor that interims may take is used up for a while.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const spoken = [silence(200), tone(1_000)];
  session.audio(Buffer.concat([...spoken, ...spoken, ...spoken]));
  await turn();
  expect(shown(sent).slice(2)).toEqual(['final One two', 'interim three four']);
  session.audio(silence(400));
  await session.close();
  expect(shown(sent).slice(4)).toEqual(['final! three four five six seven.', 'Metadata']);
});

test('Finalize ends an open utterance at once, and is answered even when nobody speaks', async () => {
  const { session, sent } = harness({ whole: ['stop'] });
  session.audio(tone(500));
  session.control('{"type":"Finalize"}');
  session.control('{"type":"Finalize"}');
  await session.close();
  const finals = sent.filter((message) => message.type === 'Results');
  expect(finals.map((message) => message.channel?.alternatives[0]?.transcript)).toEqual(['Stop.', '']);
  expect(finals.every((message) => message.from_finalize)).toBe(true);
});

test('a failing decoder ends the utterance empty, and the next one is heard', async () => {
  const { session, sent, faults } = harness({ whole: [new Error('decoder died'), 'yes'] });
  for (let count = 0; count < 2; count += 1) {
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
  const { session, sent } = harness({});
  expect(session.control('{"type":"KeepAlive"}')).toBe('continue');
  expect(session.control('{"type":"CloseStream"}')).toBe('close');
  expect(sent).toEqual([]);
  session.control('not json');
  session.control('{"type":"Dance"}');
  expect(sent.map((message) => message.type)).toEqual(['Error', 'Error']);
});

test('a client that goes away in mid-sentence frees its decoder and hears nothing more', async () => {
  const { session, sent, seen } = harness({ whole: ['hello'] });
  session.audio(tone(500));
  await session.abandon();
  session.audio(silence(500));
  expect(seen.discarded).toEqual([0]);
  expect(sent.filter((message) => message.type === 'Results')).toEqual([]);
});
