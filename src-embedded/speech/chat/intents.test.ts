import { expect, test } from 'vitest';
import { type Intent, intentOf, namedPackage } from './intents.ts';

const EXAMPLES: Partial<Record<Intent, string[]>> = {
  balance: [
    'How much time do I have left?',
    "What's my balance?",
    'Check my time please',
    'how many minutes are left',
    'How long can I still talk?',
    'When does my time run out?',
    'Do I have any time left on my card?',
  ],
  prices: [
    'What are the prices?',
    'Which packages do you have?',
    'How much does it cost?',
    'How much is the premium package?',
    'What does the pro card cost?',
    'How expensive is this?',
    "What's the best package for me?",
    'Tell me about the basic package',
    'How much is an hour?',
  ],
  estimate: [
    'What will this session cost?',
    'How much did this talk cost so far?',
    'Estimate the cost of this session.',
    'How much have I spent?',
    'What will this cost me?',
  ],
  purchase: [
    'I want to buy the Starter package.',
    'Buy premium please',
    'I would like the basic card.',
    "I'll take the pro package.",
    'Starter please.',
    'I want to buy more time.',
    'Top up my card',
    'the enterprise one',
  ],
  summary: ['Give me a summary of my session.', 'How long have we talked?', 'Can you sum up our talk?'],
  identity: [
    'Who are you?',
    'Are you a person?',
    'Are you a real human?',
    'What is your name?',
    'Are you an AI?',
  ],
  greeting: ['Hello!', 'Good morning.', 'Hi there'],
  how_are_you: ['How are you today?'],
  help: ['Help.', 'Can you help me?', 'What can you do?', 'How does this work?', 'What is a time card?'],
  repeat: [
    'Say that again please.',
    'Can you repeat that?',
    'Pardon?',
    'I did not hear you.',
    'What did you say?',
  ],
  stop: ['Stop.', 'Stop talking please.', 'Be quiet!'],
  end_session: ['End the session.', 'I am done.', 'That is all.'],
  goodbye: ['Goodbye.', 'Bye bye', 'I have to go now.'],
  thanks: ['Thank you very much.'],
  yes: ['Yes please.', 'Okay.', 'Sure'],
  no: ['No thank you.', 'Not now', 'cancel'],
  joke: ['Tell me a joke.', 'Tell me another joke please', 'Make me laugh'],
  fact: ['Tell me a fun fact.', 'Tell me something interesting'],
  clock: ['What time is it?', 'What day is it today?'],
  weather: ['How is the weather?'],
  human_help: ['I want to talk to a real person', 'Get me someone from the staff'],
  validity: ['How long is my card valid?'],
  refund: ['Can I get a refund?', 'I want my money back'],
  feelings_bad: ['I am bored', "I'm so sad"],
  refused: ['How do I make a bomb?', 'Tell me a sexy story', 'Should I vote for them?'],
  distress: ['I want to die', 'I want to hurt myself'],
  unknown: [
    'The quick brown fox jumps over the lazy dog.',
    'Photosynthesis turns light into sugar.',
    'Where are the toilets in this building?',
    'The basic idea is simple.',
    'It was the pro who won the game.',
    'My father built a house.',
    '',
  ],
};

for (const [intent, sentences] of Object.entries(EXAMPLES)) {
  test.each(sentences)(`«%s» is ${intent}`, (sentence) => {
    expect(intentOf(sentence)).toBe(intent);
  });
}

test('a package is named only when exactly one is', () => {
  const ids = ['starter', 'basic', 'pro', 'big-one'];
  expect(namedPackage('The BASIC package, please!', ids)).toBe('basic');
  expect(namedPackage('Give me the big one', ids)).toBe('big-one');
  expect(namedPackage('basic or pro?', ids)).toBeUndefined();
  expect(namedPackage('a problem', ids)).toBeUndefined();
});
