/**
 * How well the embedded ears hear: word error rate over the product's phrases and over phrases not in the model's list,
 * domain model against general model; and that off-topic speech never becomes a command.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pcmBytes } from '../../../src-embedded/speech/audio/wav.ts';
import { intentOf, plainWords } from '../../../src-embedded/speech/chat/intents.ts';
import {
  openRecogniser,
  type Recogniser,
  type Recognition,
} from '../../../src-embedded/speech/listen/recogniser.ts';
import { speak, speechModels } from '../../support/talk/speech.ts';

const PRODUCT_PHRASES = [
  'How much time do I have left?',
  'What is my balance?',
  'Check my time please.',
  'How many minutes are left?',
  'What packages do you have?',
  'Tell me the prices please.',
  'How much is the premium package?',
  'How much does it cost?',
  'What will this session cost?',
  'How much did this talk cost so far?',
  'Estimate the cost of this session.',
  'I want to buy the starter package.',
  'Buy the basic package please.',
  'I would like the premium package please.',
  "I'll take the pro package.",
  'Give me the enterprise card please.',
  'Starter please.',
  'Yes please.',
  'No thank you.',
  'Stop.',
  'Stop talking please.',
  'Help.',
  'Can you help me?',
  'Who are you?',
  'Are you a person?',
  'Say that again please.',
  'Can you repeat that?',
  'Goodbye.',
  'Thank you, goodbye.',
  'Hello.',
  'Good morning.',
  'Give me a summary of my session.',
  'How long have we talked?',
  'Tell me a joke.',
  'What can you do?',
  'How does this work?',
  'I want to buy more time.',
  'What is your name?',
  'Tell me a fun fact.',
  'How are you today?',
];
const FREE_PHRASES = [
  'How long can I still talk?',
  'Do I have any time left on my card?',
  "I'd like to buy starter.",
  'Could you give me the price list?',
  'Please buy premium for me.',
  'What does the pro card cost?',
  'How expensive is this?',
  'I want the summary.',
  'How many hours are left?',
  'Can I buy another hour?',
  "What's the best package for me?",
  'Are you a real human?',
  'I am finished, goodbye.',
  'Tell me another joke please.',
];
const OFF_TOPIC = [
  'The quick brown fox jumps over the lazy dog.',
  'My mother went to the market yesterday morning.',
  'Which train goes to the central station?',
  'I think the government should lower taxes.',
  'Where are the toilets in this building?',
  'He opened the window and looked at the garden.',
  'Can you recommend a good restaurant nearby?',
  'Photosynthesis turns light into sugar.',
  'We will be landing in London in twenty minutes.',
  'Put the blue box under the kitchen table.',
  'My father bought a new car last summer.',
  'Let us go to the beach on Sunday.',
  'She plays the piano very well.',
  'Twelve soldiers crossed the frozen river at night.',
  'Banana.',
  'Elephant.',
  'Wednesday.',
  'Chocolate cake.',
  'Green apples.',
  'Mountain.',
];
/** Intents that change something or open a screen. */
const COMMANDS = ['purchase', 'end_session'];

/** Some eighty sentences, decoded one after the other on a machine that may be busy. */
const TIMEOUT_MS = 240_000;

let workDir: string;
let recogniser: Recogniser;

beforeAll(async () => {
  workDir = await mkdtemp(join(tmpdir(), 'mindbot-accuracy-'));
  recogniser = openRecogniser(await speechModels(workDir));
});
afterAll(async () => {
  await recogniser?.close();
  await rm(workDir, { recursive: true, force: true });
});

async function hear(sentence: string): Promise<Recognition> {
  const { samples } = await speak(sentence);
  const padded = new Int16Array(samples.length + 8000);
  padded.set(samples, 4800);
  const utterance = recogniser.begin();
  utterance.write(pcmBytes(padded));
  return utterance.finish();
}

const text = (heard: Recognition) => heard.words.map((word) => word.word).join(' ');

interface Score {
  errors: number;
  words: number;
  wrong: string[];
}

async function score(sentences: readonly string[]): Promise<Score> {
  const total: Score = { errors: 0, words: 0, wrong: [] };
  for (const sentence of sentences) {
    const heard = text(await hear(sentence));
    const errors = wordErrors(plainWords(sentence).split(' '), heard.split(' ').filter(Boolean));
    total.errors += errors;
    total.words += plainWords(sentence).split(' ').length;
    if (errors > 0) total.wrong.push(`${sentence} -> ${heard}`);
  }
  return total;
}

/** Substitutions, insertions and deletions (Levenshtein over words). */
function wordErrors(expected: readonly string[], heard: readonly string[]): number {
  let row = Array.from({ length: heard.length + 1 }, (_, at) => at);
  for (const [line, word] of expected.entries()) {
    const next = [line + 1];
    for (const [at, other] of heard.entries()) {
      const same = (row[at] ?? 0) + (word === other ? 0 : 1);
      next.push(Math.min(same, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

test(
  'the product’s phrases: at most 4 words in 100 wrong',
  async () => {
    const { errors, words, wrong } = await score(PRODUCT_PHRASES);
    console.log(`product phrases: WER ${((100 * errors) / words).toFixed(1)} %`, wrong);
    expect(errors / words, wrong.join('\n')).toBeLessThanOrEqual(0.04);
  },
  TIMEOUT_MS,
);

test(
  'the same things in other words: at most 10 in 100 wrong',
  async () => {
    const { errors, words, wrong } = await score(FREE_PHRASES);
    console.log(`free phrases: WER ${((100 * errors) / words).toFixed(1)} %`, wrong);
    expect(errors / words, wrong.join('\n')).toBeLessThanOrEqual(0.1);
  },
  TIMEOUT_MS,
);

test(
  'off-topic speech never becomes a command',
  async () => {
    const commands: string[] = [];
    const asDomain: string[] = [];
    for (const sentence of OFF_TOPIC) {
      const heard = await hear(sentence);
      if (COMMANDS.includes(intentOf(text(heard)))) commands.push(`${sentence} -> ${text(heard)}`);
      if (heard.source === 'domain') asDomain.push(`${sentence} -> ${text(heard)}`);
    }
    console.log('off-topic speech taken for ours:', asDomain);
    expect(commands).toEqual([]);
    expect(asDomain.length / OFF_TOPIC.length).toBeLessThanOrEqual(0.1);
  },
  TIMEOUT_MS,
);
