import { expect, test } from 'vitest';
import type { FluxParameters } from './flux-parameters.ts';
import { FluxSession } from './flux-session.ts';
import { silence, type ToldAnswers, toldRecogniser, tone, turn } from './recogniser.test-kit.ts';

interface Sent {
  type: string;
  event?: string;
  transcript?: string;
  sequence_id: number;
  turn_index?: number;
  end_of_turn_confidence?: number;
}

function harness(answers: ToldAnswers, parameters: Partial<FluxParameters> = {}) {
  const sent: Sent[] = [];
  const session = new FluxSession({
    requestId: 'r',
    parameters: {
      sampleRate: 16_000,
      endThreshold: 0.7,
      eagerThreshold: undefined,
      timeoutMs: 5_000,
      ...parameters,
    },
    recogniser: toldRecogniser(answers).recogniser,
    send: (message) => sent.push(message as Sent),
    onFault: (error) => {
      throw error;
    },
  });
  const shown = () => sent.map(({ type, event, transcript }) => (event ? `${event} ${transcript}` : type));
  return { session, sent, shown };
}

/** Silence as a microphone gives it, piece by piece. */
async function quiet(session: FluxSession, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 50) {
    session.audio(silence(50));
    await turn();
  }
}

test('a turn has its start, updates and end; the next one has the next index', async () => {
  const { session, sent, shown } = harness({ whole: ['yes please', 'no'], atPauses: ['yes please'] });
  session.audio(tone(500));
  await quiet(session, 500);
  session.audio(tone(300));
  await session.close();
  expect(shown()).toEqual([
    'Connected',
    ...['StartOfTurn Yes please', 'EndOfTurn Yes please.'],
    ...['StartOfTurn No', 'EndOfTurn No.'],
  ]);
  expect(sent.map((message) => message.sequence_id)).toEqual([0, 1, 2, 3, 4]);
  expect(sent.map((message) => message.turn_index)).toEqual([undefined, 0, 0, 1, 1]);
  expect(sent[2]?.end_of_turn_confidence).toBeGreaterThanOrEqual(0.7);
});

test('an early end is told where it was asked for, and taken back when the speech goes on', async () => {
  const { session, shown } = harness(
    { whole: ['i want to buy it'], atPauses: ['i want to', 'i want to buy it'] },
    { eagerThreshold: 0.3 },
  );
  session.audio(tone(600));
  await quiet(session, 150);
  session.audio(tone(300));
  await quiet(session, 500);
  await session.close();
  expect(shown()).toEqual([
    'Connected',
    ...['StartOfTurn I want to', 'EagerEndOfTurn I want to.', 'TurnResumed I want to'],
    ...['Update I want to buy it', 'EagerEndOfTurn I want to buy it.', 'EndOfTurn I want to buy it.'],
  ]);
});

test('after a beginning the turn stays open longer than after a whole sentence', async () => {
  const { session, shown } = harness({ whole: ['i want'], atPauses: ['i want'], isWhole: false });
  session.audio(tone(500));
  await quiet(session, 500);
  expect(shown()).toEqual(['Connected', 'StartOfTurn I want']);
  await quiet(session, 400);
  expect(shown().at(-1)).toBe('EndOfTurn I want.');
  await session.abandon();
});

test('a noise without words is no turn; a message that is none is answered with an error', async () => {
  const { session, shown } = harness({ whole: [''] });
  session.audio(tone(300));
  await quiet(session, 900);
  expect(session.control('{"type":"Finalize"}')).toBe('continue');
  expect(session.control('{"type":"CloseStream"}')).toBe('close');
  await session.close();
  expect(shown()).toEqual(['Connected', 'Error']);
});
