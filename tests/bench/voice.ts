/**
 * Time to voice: from the last sound of a spoken question to the first sound of the reply, both on the customer's side
 * of WebRTC, against the same questions typed (so that the ratio tells what hearing costs); and the first word of a
 * talk whose room was made ahead, as the station does, against one made at once.
 */
import { dispose } from '@livekit/rtc-node';
import { startTalkServices, type TalkServices } from '../support/talk/talk-room.ts';
import { type Bench, type BenchOptions, type Metric, median } from './bench.ts';

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
const QUICK_QUESTIONS = 2;
/** As long as a person looks at the "ready" screen. */
const AHEAD_MS = 5_000;

export const voiceBench: Bench = {
  name: 'voice',
  what: 'time from the last word spoken to the first sound of the reply, over WebRTC with embedded speech',
  run,
};

async function run({ quick }: BenchOptions, report: (metric: Metric) => void): Promise<void> {
  const services = await startTalkServices();
  try {
    const atOnceMs = await firstWordMs(services, 0);
    const aheadMs = await firstWordMs(services, AHEAD_MS);
    report({ metric: 'first word, room made ahead', value: aheadMs, unit: 'ms', reference: atOnceMs });
    const { spokenMs, typedMs } = await replies(services, quick ? QUICK_QUESTIONS : QUESTIONS.length);
    const reference = median(typedMs);
    report({ metric: 'time to voice, median', value: median(spokenMs), unit: 'ms', reference });
    report({ metric: 'time to voice, longest', value: Math.max(...spokenMs), unit: 'ms', reference });
  } finally {
    await services.stop();
    // WebRTC's own threads would keep the process alive.
    await dispose();
  }
}

async function firstWordMs(services: TalkServices, aheadMs: number): Promise<number> {
  const beganAtMs = performance.now();
  const customer = await services.talk({ aheadMs });
  const heardAtMs = await customer.voiceAfter(0);
  await customer.leave();
  return heardAtMs - (aheadMs > 0 ? customer.joinedAtMs : beganAtMs);
}

/** Each question spoken, then typed, in one talk. */
async function replies(services: TalkServices, count: number) {
  const customer = await services.talk({
    aheadMs: AHEAD_MS,
    station: ({ tool }) => ({ ok: true, spoken: `Here is the answer of ${tool}.`, data: {} }),
  });
  await customer.until(/How can I help you\?/);
  const [spokenMs, typedMs]: [number[], number[]] = [[], []];
  for (const question of QUESTIONS.slice(0, count)) {
    await customer.untilQuiet();
    const { toMs } = await customer.say(question);
    spokenMs.push((await customer.voiceAfter(toMs)) - toMs);
    await customer.untilQuiet();
    const typedAtMs = performance.now();
    await customer.type(question);
    typedMs.push((await customer.voiceAfter(typedAtMs)) - typedAtMs);
  }
  await customer.leave();
  return { spokenMs, typedMs };
}
