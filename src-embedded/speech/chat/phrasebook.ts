/** What the concierge says, apart from figures. Data only: plain words, short sentences, fit for children. */
import type { Intent } from './intents.ts';

export const GREETING =
  'Hello! I am MindBot, an AI. This is a scripted demo, so I know only a few things. Ask me how much time you have left, what the packages cost, or ask for a joke.';

/** Answers that need no tool. Several take turns, by how many times the person has spoken. */
export const ANSWERS: Partial<Record<Intent, readonly string[]>> = {
  distress: [
    'I am sorry that you feel this way. I am only a computer, so please talk now to someone near you whom you trust, or call the emergency number. You matter.',
  ],
  refused: [
    'I can not talk about that here, because this is a public place. Is there something else I can do?',
  ],
  stop: ['Okay, I am quiet.'],
  end_session: [
    'You can end the talk with the End button on the screen. What is left of your time stays yours.',
  ],
  human_help: ['I am an AI and can not call anyone. Please ask the staff here, they will be glad to help.'],
  identity: [
    'I am MindBot, an AI, not a person. Today I am a scripted demo, so I give prepared answers about time, prices and purchases.',
  ],
  joke: [
    'Why did the clock go to school early? It did not want to waste any time. Would you like another one?',
    'What do you call a bear with no teeth? A gummy bear. Would you like another one?',
    'Why was the computer cold? It left its windows open. Would you like another one?',
    'What is orange and sounds like a parrot? A carrot. Would you like another one?',
  ],
  fact: [
    'Here is a fact. An octopus has three hearts.',
    'Here is a fact. A day on Venus is longer than a year on Venus.',
    'Here is a fact. Honey can stay good for hundreds of years.',
    'Here is a fact. Bees can tell faces apart.',
  ],
  clock: ['I do not know the time of day. I only know how much talk time you have. Shall I tell you?'],
  weather: [
    'I can not see the weather, because this demo has no link to the outside. I hope it is nice where you are.',
  ],
  sing: ['I would like to sing, but my voice is made for talking. La, la, la! That was all.'],
  favourite: ['I am a computer program, so I have no favorites. But I like good questions. Do you have one?'],
  how_are_you: ['I am well, thank you. How can I help you?'],
  feelings_good: ['I am glad to hear that. What would you like to do?'],
  feelings_bad: ['I am sorry to hear that. Maybe a joke would help? Just say: tell me a joke.'],
  validity: ['A time card is valid for one year from the day you activate it.'],
  refund: [
    'The receipt is shown at the end of your visit. For a refund please ask the staff here, they can look up your purchase.',
  ],
  lost_code: [
    'The code was shown after you paid, and it is on your receipt. If both are gone, please ask the staff.',
  ],
  help: [
    'You can ask: how much time do I have left? What are the prices? What will this session cost? Or say: I want to buy the Starter package. I can also sum up your session, or tell a joke.',
  ],
  thanks: ['You are welcome. Is there anything else?'],
  goodbye: ['Goodbye! Press End on the screen, and what is left of your time stays yours. Have a nice day.'],
  praise: ['Thank you, that is kind. What else would you like to know?'],
  greeting: [
    'Hello! I am MindBot, an AI and a scripted demo. How can I help you?',
    'Hello again! What would you like to know?',
  ],
  wait: ['Take your time. I am here.'],
  no: ['All right. Tell me if you need something.'],
  yes: ['Good. What would you like to know? You can ask about your time or the prices.'],
  unknown: [
    'Sorry, I did not catch that. I am a scripted demo. You can ask how much time you have left, or what the packages cost.',
    'I am not sure what you mean. Could you say it in other words? Or say help, and I tell you what I know.',
    'That is not something this demo knows. You can ask about your time, the prices, or say: tell me a joke.',
  ],
};

export const NOTHING_TO_REPEAT = 'I have not said anything yet. How can I help you?';
export const WHICH_PACKAGE = 'Which package would you like?';
export const TOOL_MISSING = 'Sorry, I can not look that up just now.';
export const TOOL_FAILED = 'Sorry, that did not work just now. Please try again in a moment.';
