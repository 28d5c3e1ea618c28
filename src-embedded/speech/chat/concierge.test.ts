import { describe, expect, test } from 'vitest';
import { TOOL_NAMES } from '../../../src-shared/agent-link.ts';
import { decide } from './concierge.ts';
import { type ChatRequest, chatRequestSchema } from './schema.ts';

const PACKAGES = [
  { id: 'starter', name: 'Starter', paidSeconds: 3600, bonusSeconds: 0, priceCents: 999, currency: 'usd' },
  { id: 'basic', name: 'Basic', paidSeconds: 18_000, bonusSeconds: 1800, priceCents: 4499, currency: 'usd' },
];

function tools(packageIds?: string[]) {
  return TOOL_NAMES.map((name) => ({
    type: 'function',
    function: {
      name,
      parameters: {
        type: 'object',
        properties:
          name === 'start_purchase_process' ? { package_id: { type: 'string', enum: packageIds } } : {},
      },
    },
  }));
}

/** Turns alternate user, assistant, user …; the last one is the user's. */
function chat(turns: string[], extra: Record<string, unknown> = {}): ChatRequest {
  return chatRequestSchema.parse({
    model: 'm',
    messages: [
      { role: 'system', content: 'You are MindBot. Keep it short.' },
      ...turns.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content })),
    ],
    tools: tools(),
    ...extra,
  });
}

function said(request: ChatRequest): string {
  const decision = decide(request);
  return decision.type === 'say' ? decision.text : `called ${decision.name}`;
}

describe('tools', () => {
  test.each([
    ['How much time do I have left?', 'check_time_balance'],
    ['What are the prices?', 'get_pricing_packages'],
    ['What will this session cost?', 'estimate_session_cost'],
    ['Give me a summary.', 'get_session_summary'],
  ])('%s calls %s', (words, name) => {
    expect(decide(chat([words]))).toEqual({ type: 'call', name, arguments: {} });
  });

  test.each(['starter', 'basic', 'premium', 'pro', 'enterprise'])('%s can be bought by name', (id) => {
    expect(decide(chat([`I want to buy the ${id} package`]))).toEqual({
      type: 'call',
      name: 'start_purchase_process',
      arguments: { package_id: id },
    });
  });

  test('a tool that is not offered, or that tool_choice forbids, is never called', () => {
    expect(said(chat(['How much time is left?'], { tools: [] }))).toMatch(/can not look that up/);
    expect(said(chat(['How much time is left?'], { tool_choice: 'none' }))).toMatch(/can not look that up/);
  });

  test('only a package that the schema allows is bought', () => {
    const request = chat(['Buy the premium package please'], { tools: tools(['starter', 'gold']) });
    expect(said(request)).toBe('Starter or Gold. Which package would you like?');
    expect(decide(chat(['Buy the gold package'], { tools: tools(['starter', 'gold']) }))).toMatchObject({
      arguments: { package_id: 'gold' },
    });
  });

  test('tool_choice by name calls that tool', () => {
    const choice = { tool_choice: { type: 'function', function: { name: 'get_session_summary' } } };
    expect(decide(chat(['hello'], choice))).toMatchObject({ type: 'call', name: 'get_session_summary' });
    expect(decide(chat(['hello'], { tool_choice: 'required' }))).toMatchObject({ type: 'call' });
  });
});

describe('buying in several turns', () => {
  test('which package? — the name — starts the purchase', () => {
    const question = said(chat(['I want to buy more time']));
    expect(question).toMatch(/Which package would you like\?$/);
    expect(decide(chat(['I want to buy more time', question, 'basic']))).toMatchObject({
      name: 'start_purchase_process',
      arguments: { package_id: 'basic' },
    });
    expect(said(chat(['I want to buy more time', question, 'no thanks']))).toMatch(/All right/);
  });

  test('a lone package name is asked back; yes buys, no does not', () => {
    const question = said(chat(['Pro.']));
    expect(question).toBe('Would you like to buy the Pro package?');
    expect(decide(chat(['Pro.', question, 'Yes please.']))).toMatchObject({
      arguments: { package_id: 'pro' },
    });
    expect(said(chat(['Pro.', question, 'No.']))).toMatch(/All right/);
  });

  test('a yes out of the blue buys nothing', () => {
    expect(decide(chat(['yes'])).type).toBe('say');
    expect(decide(chat(['hello', 'Hello! How can I help you?', 'yes go ahead'])).type).toBe('say');
  });
});

describe('after a tool has answered', () => {
  function afterTool(words: string, output: string): string {
    return said(
      chatRequestSchema.parse({
        model: 'm',
        messages: [
          { role: 'user', content: words },
          {
            role: 'assistant',
            tool_calls: [{ id: 'c', type: 'function', function: { name: 't', arguments: '{}' } }],
          },
          { role: 'tool', tool_call_id: 'c', content: output },
        ],
        tools: tools(),
      }),
    );
  }

  test('the station’s own sentence is said', () => {
    const result = {
      ok: true,
      spoken: 'You have 1 hour and 5 minutes left.',
      data: { remainingSeconds: 3900 },
    };
    expect(afterTool('time left?', JSON.stringify(result))).toBe(result.spoken);
    expect(afterTool('time left?', JSON.stringify(JSON.stringify(result)))).toBe(result.spoken);
  });

  test('figures without a sentence are worded', () => {
    expect(afterTool('time left?', '{"remainingSeconds":3900}')).toBe('You have 1 hour and 5 minutes left.');
    expect(afterTool('prices', JSON.stringify({ packages: PACKAGES }))).toBe(
      'Starter: 1 hour for $9.99. Basic: 5 hours and 30 minutes for $44.99.',
    );
  });

  test('who asked for one package hears of that one and is asked whether to buy it', () => {
    const result = { ok: true, spoken: 'We have two packages.', data: { packages: PACKAGES } };
    expect(afterTool('How much is the basic package?', JSON.stringify(result))).toBe(
      'Basic: 5 hours and 30 minutes for $44.99. Would you like to buy the Basic package?',
    );
    expect(afterTool('What are the prices?', JSON.stringify(result))).toBe('We have two packages.');
  });

  test('plain text is said as it is; errors and code never are', () => {
    expect(afterTool('x', 'The purchase is on the screen.')).toBe('The purchase is on the screen.');
    for (const output of ['An internal error occurred', '{"broken', '', '[1,2]', '<html>', '{"ok":true}']) {
      expect(afterTool('x', output)).toMatch(/did not work/);
    }
  });
});

describe('talk', () => {
  test('says that it is an AI and a scripted demo, in the greeting and when asked', () => {
    const greeting = said(
      chatRequestSchema.parse({ model: 'm', messages: [{ role: 'system', content: 'Be kind.' }] }),
    );
    for (const text of [greeting, said(chat(['Who are you?'])), said(chat(['Are you a person?']))]) {
      expect(text).toMatch(/\bAI\b/);
      expect(text).toMatch(/scripted demo/);
    }
  });

  test('what it does not understand it says, each time a little differently', () => {
    const first = said(chat(['Blue elephants fly']));
    expect(first).toMatch(/did not catch/);
    expect(said(chat(['Blue elephants fly', first, 'Green ones too']))).not.toBe(first);
  });

  test('repeats its last words', () => {
    expect(said(chat(['hi', 'You have 5 minutes left.', 'Say that again please.']))).toBe(
      'You have 5 minutes left.',
    );
    expect(said(chat(['Say that again please.']))).toMatch(/not said anything/);
  });

  test('refuses, and is kind to somebody in distress', () => {
    expect(said(chat(['How do I make a bomb?']))).toMatch(/public place/);
    expect(said(chat(['I want to die']))).toMatch(/trust.*emergency/);
  });

  test('greets by the name given, and tells another joke on yes', () => {
    expect(said(chat(['My name is anna']))).toMatch(/^Nice to meet you, Anna\./);
    const joke = said(chat(['Tell me a joke']));
    expect(said(chat(['Tell me a joke', joke, 'yes']))).toMatch(/Would you like another one\?$/);
    expect(said(chat(['Tell me a joke', joke, 'yes']))).not.toBe(joke);
  });
});

describe('being told what to say', () => {
  const base = 'You are MindBot. If asked for a code, answer "never read codes aloud".\nBe kind.';
  const withSystem = (content: string, words = 'hello') =>
    said(
      chatRequestSchema.parse({
        model: 'm',
        messages: [
          { role: 'system', content },
          { role: 'user', content: words },
        ],
        tools: tools(),
      }),
    );

  test.each([
    ['Say: "Hello Anna, welcome back."', 'Hello Anna, welcome back.'],
    ['Say exactly: “Five minutes left.”', 'Five minutes left.'],
    ['Greet the customer with: "Hi Tom!"', 'Hi Tom!'],
    ['Say: One minute left.', 'One minute left.'],
    ['Tell the customer that 5 minutes are left.', '5 minutes are left.'],
  ])('%s', (line, expected) => {
    expect(withSystem(`${base}\n${line}`)).toBe(expected);
  });

  test('standing instructions are not taken for words to say', () => {
    expect(withSystem(base)).toMatch(/^Hello/);
    expect(withSystem(`Say: "x"\n${base}`)).toMatch(/^Hello/);
  });

  test('a later system message counts, an older one does not', () => {
    const messages = [
      { role: 'system', content: base },
      { role: 'developer', content: 'Say: "old"' },
      { role: 'user', content: 'How much time is left?' },
    ];
    expect(said(chatRequestSchema.parse({ model: 'm', messages, tools: tools() }))).toBe(
      'called check_time_balance',
    );
    const late = [...messages, { role: 'developer', content: 'Say: "new"' }];
    expect(said(chatRequestSchema.parse({ model: 'm', messages: late, tools: tools() }))).toBe('new');
  });
});
