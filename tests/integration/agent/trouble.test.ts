/** The agent when its providers fail in mid-talk: it says so in the heartbeat, comes back by itself, and goes on. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { StationCall, ToolResult } from '../../../src-shared/agent-link.ts';
import { startTalkServices, type TalkServices } from '../../support/talk/talk-room.ts';

vi.setConfig({ testTimeout: 120_000 });

const BALANCE = 'You have fifty two minutes left.';
const station = (_call: StationCall): ToolResult => ({ ok: true, spoken: BALANCE, data: {} });
/** A later leg is greeted with one second of speech instead of six. */
const SHORT_GREETING = { leg: 2 };
const pause = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs));

describe('with all providers', () => {
  let services: TalkServices;
  beforeAll(async () => {
    services = await startTalkServices();
  }, 180_000);
  afterAll(() => services?.stop());

  test('gone for three seconds: failing while it lasts, then the same talk goes on by voice', async () => {
    const customer = await services.talk({ station, job: SHORT_GREETING });
    await customer.until(/I am back/);
    await customer.untilQuiet();
    await services.speech.gate.shut();
    await customer.untilState('failing', 5_000);
    await customer.type('How much time do I have left?');
    await pause(3_000);
    expect(customer.state).toBe('failing');
    await services.speech.gate.open();
    await customer.until(/I was cut off for a moment\. That was free of charge\./);
    await customer.untilQuiet();
    await customer.untilState('listening');
    await customer.say('How much time do I have left?');
    await customer.until(/fifty two minutes left/);
    expect(customer.state).not.toBe('failing');
    await customer.leave();
  });

  test('gone again and again: the talk outlasts it', async () => {
    const customer = await services.talk({ station });
    for (let times = 1; times <= 3; times += 1) {
      await customer.untilState('speaking');
      await services.speech.gate.shut();
      await customer.untilState('failing', 5_000);
      await services.speech.gate.open();
    }
    await customer.until(/cut off for a moment/);
    await customer.type('How much time do I have left?');
    await customer.until(/fifty two minutes left/);
    await customer.leave();
  });

  test('gone before the first word: the greeting comes when they are back', async () => {
    await services.speech.gate.shut();
    const customer = await services.talk({ station });
    await customer.untilState('failing');
    await services.speech.gate.open();
    await customer.until(/I am an AI assistant, a scripted demo\. You have 55 minutes left\./);
    await customer.leave();
  });

  test('hanging without a word: failing, and back when they move again', async () => {
    const customer = await services.talk({ station, job: SHORT_GREETING });
    await customer.until(/I am back/);
    await customer.untilQuiet();
    const { child } = services.speech.gateway;
    child.kill('SIGSTOP');
    try {
      await customer.type('How much time do I have left?');
      await customer.untilState('failing', 30_000);
    } finally {
      child.kill('SIGCONT');
    }
    await customer.until(/cut off for a moment/);
    await customer.type('How much time do I have left?');
    await customer.until(/fifty two minutes left/);
    await customer.leave();
  });
});

test('without speech recognition it says so, speaks, and answers what is typed', async () => {
  const services = await startTalkServices({ speech: { POCKETSPHINX_MODEL_DIR: '/nonexistent' } });
  try {
    const customer = await services.talk({ station });
    await customer.until(/I am an AI assistant/);
    await customer.until(/I can not hear you just now\. Please type/);
    await customer.type('How much time do I have left?');
    await customer.until(/fifty two minutes left/);
    await customer.untilQuiet();
    expect(customer.voiceAtMs.length).toBeGreaterThan(100);
    expect(customer.heartbeats.map(({ state }) => state)).not.toContain('failing');
    expect(customer.heartbeats.at(-1)?.hears).toBe(false);
  } finally {
    await services.stop();
  }
}, 180_000);

test('a voice that always answers with an error keeps the talk failing, but not dead', async () => {
  const services = await startTalkServices({ agent: { OPENAI_TTS_VOICE: 'nobody' } });
  try {
    const customer = await services.talk({ station });
    await customer.untilState('failing');
    // In it come three more tries to speak, after 0.5, 1 and 2 s.
    await pause(5_000);
    expect(customer.state).toBe('failing');
    expect(customer.agentPresent).toBe(true);
    expect(customer.voiceAtMs).toEqual([]);
  } finally {
    await services.stop();
  }
}, 180_000);
