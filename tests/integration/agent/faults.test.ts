/**
 * What a customer meets when a provider fails in mid-talk, each role in each way: it is told within seconds that
 * something is wrong (by voice, or by the heartbeat that stops the clock), the log names who it was, and the talk heals
 * once the provider does. With a second provider it is not noticed at all.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { StationCall, ToolResult } from '../../../src-shared/agent-link.ts';
import { insist } from '../../support/common/insist.ts';
import { type RunningGateway, SPEECH_KEY, startSpeechGateway } from '../../support/talk/speech-gateway.ts';
import type { TalkCustomer } from '../../support/talk/talk-customer.ts';
import { startTalkServices, type TalkServices } from '../../support/talk/talk-room.ts';

vi.setConfig({ testTimeout: 120_000 });

const station = (_call: StationCall): ToolResult => ({
  ok: true,
  spoken: 'You have fifty two minutes left.',
  data: {},
});
/** A later leg is greeted with one second of speech instead of six. */
const SHORT_GREETING = { leg: 2 };
const QUESTION = 'How much time do I have left?';

/** The agent's log line about a fault of this role. */
async function logged(
  services: TalkServices,
  customer: TalkCustomer,
  role: string,
  kind: string,
): Promise<void> {
  const talkId = customer.roomName.slice('talk-'.length, -'-2'.length);
  await insist(
    () => {
      const lines = services.agent.output().split('\n');
      const line = lines.find(
        (text) =>
          text.includes(talkId) &&
          text.includes(`"role":"${role}"`) &&
          text.includes('a provider failed in a talk'),
      );
      if (!line) throw new Error(`no fault of the ${role} in the log`);
      expect(JSON.parse(line)).toMatchObject({
        role,
        kind,
        talkId,
        model: expect.any(String),
      });
      expect(line).not.toContain('time do I have');
    },
    { timeout: 20_000, interval: 100 },
  );
}

describe('one provider for each role', () => {
  let services: TalkServices;
  beforeAll(async () => {
    services = await startTalkServices();
  }, 180_000);
  afterEach(() => services.speech.gateway.fault());
  afterAll(() => services?.stop());

  test.each<[role: 'mind' | 'voice', order: object, kind: string]>([
    ['voice', { kind: 'silent' }, 'silent'],
    ['voice', { kind: 'hang' }, 'slow'],
    ['voice', { kind: 'cut' }, 'cut'],
    ['voice', { kind: 'refuse', status: 401 }, 'refused'],
    ['mind', { kind: 'hang' }, 'slow'],
    ['mind', { kind: 'silent' }, 'empty'],
    ['mind', { kind: 'refuse', status: 404 }, 'refused'],
  ])('the %s: %j', async (role, order, kind) => {
    const customer = await services.talk({ station, job: SHORT_GREETING });
    await customer.until(/I am back/);
    await customer.untilQuiet();
    await services.speech.gateway.fault({ role, ...order });
    await customer.type(QUESTION);
    await customer.untilState('failing', 20_000);
    await logged(services, customer, role, kind);
    await services.speech.gateway.fault();
    await customer.until(/I was cut off for a moment/);
    await customer.untilQuiet();
    await customer.type(QUESTION);
    await customer.until(/fifty two minutes left/);
    await customer.leave();
  });

  test('ears that stay connected and give no words: the customer is asked to say it again, then to write', async () => {
    const customer = await services.talk({ station, job: SHORT_GREETING });
    await customer.until(/I am back/);
    await customer.untilQuiet();
    await customer.untilState('listening');
    await services.speech.gateway.fault({ role: 'ears', kind: 'silent' });
    await customer.say(QUESTION);
    await customer.until(/Please say it again/, 20_000);
    await customer.untilQuiet();
    await customer.untilState('listening');
    await customer.say(QUESTION);
    await customer.until(/I can not hear you just now\. Please type/, 20_000);
    await insist(() => expect(customer.heartbeats.at(-1)?.hears).toBe(false), {
      timeout: 3_000,
      interval: 50,
    });
    await customer.type(QUESTION);
    await customer.until(/fifty two minutes left/);
    await customer.leave();
  });
});

describe('with a second provider', () => {
  let services: TalkServices;
  let second: RunningGateway;
  beforeAll(async () => {
    second = await startSpeechGateway();
    const entry = { kind: 'openai', baseUrl: `${second.url}/v1`, apiKey: SPEECH_KEY };
    services = await startTalkServices({
      agent: {
        MIND_PROVIDERS: JSON.stringify([
          { kind: 'openai', model: 'first' },
          { ...entry, model: 'second' },
        ]),
        VOICE_PROVIDERS: JSON.stringify([
          { kind: 'openai', model: 'first', voice: 'alloy' },
          { ...entry, model: 'second', voice: 'alloy' },
        ]),
      },
    });
  }, 180_000);
  afterEach(() => services.speech.gateway.fault());
  afterAll(async () => {
    await services?.stop();
    await second?.stop();
  });

  test.each([
    ['mind', { kind: 'refuse', status: 404 }],
    ['voice', { kind: 'silent' }],
  ] as const)('a %s that fails is not noticed: %j', async (role, order) => {
    const customer = await services.talk({ station, job: SHORT_GREETING });
    await customer.until(/I am back/);
    await customer.untilQuiet();
    await services.speech.gateway.fault({ role, ...order });
    await customer.type(QUESTION);
    await customer.until(/fifty two minutes left/);
    await logged(services, customer, role, role === 'mind' ? 'refused' : 'silent');
    expect(customer.heartbeats.map(({ state }) => state)).not.toContain('failing');
    expect((await services.agent.health()).checks[role]).toBe('ok');
    await customer.leave();
  });
});
