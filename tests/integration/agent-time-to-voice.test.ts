/**
 * Time to voice: from the last sound of a spoken question to the first sound of the reply, both on the customer's side
 * of WebRTC. Prints the figures; the limit only catches what nobody would wait for.
 */
import { expect, test } from 'vitest';
import { startTalkServices } from '../support/talk-room.ts';

const QUESTIONS = [
  'How much time do I have left?',
  'What are the prices?',
  'Tell me a joke.',
  'How long have we been talking?',
  'Are you a real person?',
  'What can you do?',
  'How much has this talk cost?',
  'How are you?',
];
const LIMIT_MS = 4_000;

test('the reply to a spoken question begins soon', async () => {
  const services = await startTalkServices();
  try {
    const dispatchedAtMs = performance.now();
    const early = await services.talk();
    const coldMs = Math.round((await early.voiceAfter(0)) - dispatchedAtMs);
    await early.leave();
    const customer = await services.talk({
      aheadMs: 5_000,
      station: ({ tool }) => ({ ok: true, spoken: `Here is the answer of ${tool}.`, data: {} }),
    });
    const warmMs = Math.round((await customer.voiceAfter(0)) - customer.joinedAtMs);
    await customer.until(/How can I help you\?/);
    const delaysMs: number[] = [];
    for (const question of QUESTIONS) {
      await customer.untilQuiet();
      const { toMs } = await customer.say(question);
      delaysMs.push(Math.round((await customer.voiceAfter(toMs)) - toMs));
    }
    const sorted = delaysMs.toSorted((a, b) => a - b);
    process.stdout.write(`first word, ms: room made at once ${coldMs}, room made ahead ${warmMs}\n`);
    process.stdout.write(
      `time to voice, ms: ${delaysMs.join(' ')}; p50 ${sorted[3]}, max ${sorted.at(-1)}\n`,
    );
    expect(sorted[3]).toBeLessThan(LIMIT_MS);
  } finally {
    await services.stop();
  }
}, 240_000);
