/** A talk with the real agent: what it says by itself, and that questions, typed or spoken, reach the right tool. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { StationCall, ToolResult } from '../../../src-shared/agent-link.ts';
import { startTalkServices, type TalkServices } from '../../support/talk/talk-room.ts';

// Sentences take their time to be spoken, and longer on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

/** Longer than any pause between two sentences of a reply. */
const PAUSE_MS = 400;
const BALANCE = 'You have fifty two minutes left.';

let services: TalkServices;

beforeAll(async () => {
  services = await startTalkServices();
}, 180_000);
afterAll(() => services?.stop());

function answering(spoken: string | ((call: StationCall) => string)) {
  return (call: StationCall): ToolResult => ({
    ok: true,
    spoken: typeof spoken === 'string' ? spoken : spoken(call),
    data: {},
  });
}

/** A customer to whom the greeting of a later leg was said: one second of speech instead of six. */
async function greeted(options: Parameters<TalkServices['talk']>[0] = {}) {
  const customer = await services.talk({ job: { leg: 2 }, ...options });
  await customer.until(/I am back/);
  await customer.untilQuiet();
  customer.record();
  return customer;
}

describe('the first words', () => {
  test('say what it is and how much time there is, in writing and in sound', async () => {
    const customer = await services.talk({ job: { customerName: 'Anna' } });
    await customer.until(/How can I help you\?/);
    expect(customer.assistantText).toBe(
      'Hello Anna. I am an AI assistant, a scripted demo. You have 55 minutes left. How can I help you?',
    );
    await customer.untilQuiet();
    expect(await customer.heard()).toMatch(/fifty five minutes left/);
    await customer.leave();
  });

  test('come also when the customer speaks first', async () => {
    const customer = await services.talk();
    await customer.say('Hello. Is there anybody here? I would like to know how this works. Can you hear me?');
    await customer.until(/I am an AI assistant, a scripted demo/);
    await customer.leave();
  });

  test('are "I am back" in a later leg, with the earlier words in mind', async () => {
    const history = [
      { id: '1', who: 'customer' as const, text: 'I want the basic package', final: true },
      { id: '2', who: 'assistant' as const, text: 'Would you like to buy the Basic package?', final: true },
    ];
    const customer = await services.talk({ job: { leg: 2, history }, station: answering('Very well.') });
    await customer.until(/I am back/);
    expect(customer.assistantText).not.toContain('AI assistant');
    await customer.leave();
  });
});

describe('questions', () => {
  test('typed, each reach their tool with the right arguments; the answer is what the station says', async () => {
    const customer = await services.talk({ station: answering(({ tool }) => `Station says ${tool}.`) });
    await customer.untilState('speaking');
    const questions: [string, StationCall][] = [
      ['How much time do I have left?', { tool: 'check_time_balance', arguments: {} }],
      ['What are the prices?', { tool: 'get_pricing_packages', arguments: {} }],
      ['How much has this talk cost?', { tool: 'estimate_session_cost', arguments: {} }],
      ['How long have we been talking?', { tool: 'get_session_summary', arguments: {} }],
      [
        'I want to buy the premium package',
        { tool: 'start_purchase_process', arguments: { package_id: 'premium' } },
      ],
    ];
    for (const [question, call] of questions) {
      await customer.type(question);
      await customer.until(new RegExp(`Station says ${call.tool}\\.`));
    }
    expect(customer.calls).toEqual(questions.map(([, call]) => call));
    await customer.leave();
  });

  test('spoken, are heard, and the answer is spoken', async () => {
    const customer = await greeted({ station: answering(BALANCE) });
    await customer.say('How much time do I have left?');
    await customer.until(/fifty two minutes left/);
    expect(customer.calls).toEqual([{ tool: 'check_time_balance', arguments: {} }]);
    expect(customer.said).toContainEqual({ who: 'customer', text: 'How much time do I have left?' });
    await customer.untilQuiet();
    expect(await customer.heard()).toMatch(/fifty two minutes left/);
    await customer.leave();
  });

  test('that the station leaves unanswered get a sentence, not silence', async () => {
    const customer = await services.talk();
    await customer.untilState('speaking');
    await customer.type('How much time do I have left?');
    await customer.until(/look that up just now/);
    await customer.leave();
  });

  test('spoken over a reply interrupt it', async () => {
    const long = 'This is a very long sentence about nothing at all that goes on and on without any end.';
    const customer = await greeted({
      station: answering(({ tool }) =>
        tool === 'check_time_balance' ? BALANCE : Array.from({ length: 8 }, () => long).join(' '),
      ),
    });
    await customer.type('What are the prices?');
    await customer.until(/very long sentence/);
    const question = await customer.say('How much time do I have left?');
    await customer.until(/fifty two minutes left/);
    const after = customer.voiceAtMs.filter((atMs) => atMs > question.fromMs);
    const stoppedAtMs = after.find((atMs, index) => (after[index + 1] ?? 0) - atMs > PAUSE_MS) ?? 0;
    expect(stoppedAtMs).toBeGreaterThan(question.fromMs);
    expect(stoppedAtMs - question.toMs).toBeLessThan(1_000);
    expect(customer.assistantText.split('very long').length).toBeLessThan(8);
    await customer.leave();
  });
});

describe('commands of the station', () => {
  test('are spoken word for word', async () => {
    const customer = await greeted();
    expect(await customer.command({ kind: 'lowTime', usableSeconds: 60 })).toBe('ok');
    await customer.until(/You have 1 minute left\./);
    await customer.command({ kind: 'stillThere' });
    await customer.until(/Are you still there\? The clock is stopped\./);
    await customer.command({ kind: 'toppedUp', remainingSeconds: 7200 });
    await customer.until(/Thank you\. You now have 2 hours\./);
    await customer.untilQuiet();
    customer.record();
    await customer.command({ kind: 'goodbye', reason: 'time_up' });
    await customer.until(/Your time is up\. Thank you for talking with me\. Goodbye\./);
    await customer.untilQuiet();
    expect(await customer.heard()).toMatch(/our time is .*talking/);
    await customer.leave();
  });

  test('pause: it neither hears nor speaks until resume', async () => {
    const customer = await greeted({ station: answering(BALANCE) });
    await customer.command({ kind: 'pause' });
    const before = customer.assistantText;
    await customer.say('How much time do I have left?');
    await customer.type('How much time do I have left?');
    // Longer than any of the answers above took.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(customer.calls).toEqual([]);
    expect(customer.assistantText).toBe(before);
    await customer.command({ kind: 'resume' });
    await customer.say('How much time do I have left?');
    await customer.until(/fifty two minutes left/);
    expect(customer.calls).toHaveLength(1);
    await customer.leave();
  });

  test('are refused when unknown', async () => {
    const customer = await services.talk();
    await customer.untilState('speaking');
    const unknown = { kind: 'dance' } as unknown as { kind: 'pause' };
    expect(await customer.command(unknown)).toBe('unknown');
    await customer.leave();
  });
});

test('the heartbeat comes once a second and tells the state', async () => {
  const customer = await services.talk();
  await customer.until(/How can I help you\?/);
  await customer.untilQuiet();
  // The greeting is as long as it is: listening begins when it is over.
  await vi.waitFor(
    () => {
      expect(customer.heartbeats.length).toBeGreaterThan(6);
      expect(customer.heartbeats.at(-1)?.state).toBe('listening');
    },
    { timeout: 30_000 },
  );
  const beats = customer.heartbeats;
  expect(beats.map(({ beat }) => beat - (beats[0]?.beat ?? 0))).toEqual(beats.map((_, index) => index));
  const first = beats[0]?.atMs ?? 0;
  const last = beats.at(-1)?.atMs ?? 0;
  const everyMs = (last - first) / (beats.length - 1);
  expect(everyMs).toBeGreaterThan(900);
  expect(everyMs).toBeLessThan(1_200);
  const states = new Set(beats.map(({ state }) => state));
  expect(states).toContain('speaking');
  expect(states).toContain('listening');
  expect(states).not.toContain('failing');
  await customer.leave();
});
