/** The room made ahead, on real LiveKit with the real agent: it greets as soon as the customer comes, or goes away. */
import { randomUUID } from 'node:crypto';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createLivekitRooms } from '../../../src-runtime/livekit-rooms.ts';
import { createLogger } from '../../../src-runtime/log.ts';
import { systemClock } from '../../../src-station/clock.ts';
import type { ExpectedJob, VoiceRooms } from '../../../src-station/voice/rooms.ts';
import { withWarmRoom } from '../../../src-station/voice/warm-rooms.ts';
import { TalkCustomer } from '../../support/talk/talk-customer.ts';
import { startTalkServices, type TalkServices } from '../../support/talk/talk-room.ts';

vi.setConfig({ testTimeout: 120_000 });

const job: ExpectedJob = {
  visitId: randomUUID(),
  leg: 1,
  locale: 'en',
  formerLocale: null,
  customerName: null,
  remainingSeconds: 600,
  demo: true,
  history: [],
};

let services: TalkServices;
let rooms: VoiceRooms;
let server: RoomServiceClient;
beforeAll(async () => {
  // With Deepgram's voice; the other talks have OpenAI's.
  services = await startTalkServices({ agent: { TTS_PROVIDER: 'deepgram' } });
  const { port, apiKey, apiSecret } = services.livekit.options;
  const url = `ws://127.0.0.1:${port}`;
  server = new RoomServiceClient(url.replace('ws', 'http'), apiKey, apiSecret);
  rooms = withWarmRoom(createLivekitRooms({ url, apiKey, apiSecret }), {
    clock: systemClock(),
    newId: randomUUID,
    log: createLogger({ service: 'test', level: 'silent' }),
  });
}, 180_000);
afterAll(() => services?.stop());

const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 100 });
const roomNames = async () => (await server.listRooms()).map(({ name }) => name);

test('the agent waits in it silently and greets the customer who comes', async () => {
  rooms.expectTalk(job);
  await until(async () => {
    const [name] = await roomNames();
    expect(await rooms.isAttended(name ?? '')).toBe(true);
  });
  const [ahead] = await roomNames();
  const talkId = randomUUID();
  const room = await rooms.startLeg({ ...job, talkId });
  expect(room.name).toBe(ahead);
  const customer = await TalkCustomer.join({ url: room.url, token: room.token });
  await customer.until(/You have 10 minutes left\. How can I help you\?/);
  expect(customer.assistantText).toMatch(/^Hello\. I am an AI assistant/);
  await customer.untilQuiet();
  expect(await customer.heard()).toMatch(/ten minutes left/);
  await customer.leave();
  await rooms.closeLegs(talkId, 1);
  await until(async () => expect(await roomNames()).toEqual([]));
});

test('it goes, and the agent with it, when no talk is expected any more', async () => {
  rooms.expectTalk(job);
  await until(async () => expect(await roomNames()).toHaveLength(1));
  rooms.expectTalk(null);
  await until(async () => expect(await roomNames()).toEqual([]));
});
