/**
 * What a customer meets when a provider fails in mid-talk: told by voice or by the heartbeat that stops the clock, named
 * in the log, healed once the provider is well; with a second provider not noticed at all. Every kind of fault:
 * tests/long/voice-faults.test.ts.
 */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { insist } from '../../support/common/insist.ts';
import { type RunningGateway, SPEECH_KEY, startSpeechGateway } from '../../support/talk/speech-gateway.ts';
import {
  failsAndHeals,
  greetedCustomer,
  isAnswered,
  isLogged,
  QUESTION,
} from '../../support/talk/talk-fault.ts';
import { startTalkServices, type TalkServices } from '../../support/talk/talk-room.ts';

vi.setConfig({ testTimeout: 120_000 });

let services: TalkServices;
let second: RunningGateway;
beforeAll(async () => {
  second = await startSpeechGateway();
  services = await startTalkServices({
    agent: {
      MIND_PROVIDERS: JSON.stringify([{ kind: 'openai', model: 'first' }]),
      VOICE_PROVIDERS: JSON.stringify([
        { kind: 'openai', model: 'first', voice: 'alloy' },
        { kind: 'openai', baseUrl: `${second.url}/v1`, apiKey: SPEECH_KEY, model: 'second', voice: 'alloy' },
      ]),
    },
  });
}, 180_000);
afterEach(() => Promise.all([services.speech.gateway.fault(), second.fault()]));
afterAll(async () => {
  await services?.stop();
  await second?.stop();
});

test('a mind that is not there', () =>
  failsAndHeals(services, 'mind', { kind: 'refuse', status: 404 }, 'refused'));

test('a voice of silence, both of the list', async () => {
  const voices = [services.speech.gateway, second];
  const heal = async () => {
    await Promise.all(voices.map((each) => each.fault()));
  };
  await second.fault({ role: 'voice', kind: 'silent' });
  await failsAndHeals(services, 'voice', { kind: 'silent' }, 'silent', heal);
  expect(services.agent.output()).toContain('"model":"second"');
});

test('the first voice alone silent: not noticed', async () => {
  const customer = await greetedCustomer(services);
  await services.speech.gateway.fault({ role: 'voice', kind: 'silent' });
  await isAnswered(customer);
  await isLogged(services, customer, { role: 'voice', kind: 'silent' });
  expect(customer.heartbeats.map(({ state }) => state)).not.toContain('failing');
  expect((await services.agent.health()).checks['voice']).toBe('ok');
  await customer.leave();
});

test('ears that stay connected and give no words: asked to say it again, then to write', async () => {
  const customer = await greetedCustomer(services);
  await customer.untilState('listening');
  await services.speech.gateway.fault({ role: 'ears', kind: 'silent' });
  await customer.say(QUESTION);
  await customer.until(/Please say it again/, 20_000);
  await customer.untilQuiet();
  await customer.untilState('listening');
  await customer.say(QUESTION);
  await customer.until(/I can not hear you just now\. Please type/, 20_000);
  await insist(() => expect(customer.heartbeats.at(-1)?.hears).toBe(false), { timeout: 3_000, interval: 50 });
  await isLogged(services, customer, { role: 'ears', kind: 'silent' });
  await isAnswered(customer);
  await customer.leave();
});
