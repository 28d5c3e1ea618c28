/** When the visit has the agent sent ahead: exactly while a talk may begin next. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Bench } from './visit.test-kit.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

test('on the ready screen the agent is sent ahead with just what the first leg is told then', async () => {
  expect(bench.rooms.expected).toBeNull();
  await bench.toReady();
  const { expected } = bench.rooms;
  expect(expected).toMatchObject({ leg: 1, locale: 'en', remainingSeconds: 3600, demo: true, history: [] });
  await bench.does('startTalk');
  const { talkId: _, ...told } = bench.rooms.legs[0]?.metadata ?? { talkId: '' };
  expect(JSON.stringify(told)).toBe(JSON.stringify(expected));
  // Once the talk has its room, none is expected any more.
  expect(bench.rooms.expected).toBeNull();
});

test('the room is still there when the talk asks for it', async () => {
  await bench.toReady();
  let expectedThen: unknown;
  bench.rooms.startLeg = async () => {
    expectedThen = bench.rooms.expected;
    return { url: 'ws://x', name: 'room', token: 'token' };
  };
  await bench.does('startTalk');
  expect(expectedThen).not.toBeNull();
});

test.each(['back', 'chooseBuy', 'startOver'] as const)(
  'leaving the ready screen by %s calls it off',
  async (way) => {
    await bench.toReady();
    await bench.does(way);
    expect(bench.rooms.expected).toBeNull();
  },
);

test('another language is told to another agent', async () => {
  await bench.toReady();
  await bench.does({ type: 'setLocale', locale: 'de' });
  expect(bench.rooms.expected?.locale).toBe('de');
});

test('nothing is expected while there is no voice, and after the visit has gone idle', async () => {
  await bench.toReady();
  await bench.pass(10 * 60_000);
  expect(bench.now.screen).toBe('attract');
  expect(bench.rooms.expected).toBeNull();
  bench.world.services.talk = { ok: false, reason: 'voice_unreachable' };
  await bench.toReady();
  expect(bench.rooms.expected).toBeNull();
});
