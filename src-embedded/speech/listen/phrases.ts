/**
 * What people say to the demo's assistant: the sentences its small language model is made from. Data only. Each line is
 * a pattern: `(a|b)` is a choice, `[a]` may be left out. The concierge (../chat) understands more than this list;
 * a word outside the list can still be heard by the general model, see recogniser.ts.
 */

const PACKAGES = '(starter|basic|premium|pro|enterprise)';
const PLEASE = '[please]';
const ASK = '[(can you|could you|please|i want you to|i would like you to)]';
const WANT =
  "(i want|i would like|i'd like|i need|can i have|may i have|give me|let me have|i will take|i'll take)";
const BUY = '(buy|get|purchase|order|take)';

/**
 * Patterns by subject; subjects weigh the same in the model whatever their number of lines. A line of its own makes a
 * sentence likelier: short ones that matter and are easily misheard («help», «who are you») have one.
 */
export const PHRASE_PATTERNS: Record<string, readonly string[]> = {
  balance: [
    'how much time (do i have|have i got|is|is there|do i still have) [left] [on my card]',
    'how much time is (left|remaining) [on my (card|account)]',
    'how (many|much) (minutes|hours|seconds) (do i have|have i got|are) [left|remaining]',
    'how long (can i|may i|do i) (talk|speak|have) [for] [left]',
    'how long do i have [left]',
    "(what is|what's|tell me|check|show me|say|give me) my (balance|time|remaining time|time balance|time left)",
    `${ASK} (check|tell me|show me) (my|the) [time] balance ${PLEASE}`,
    `${ASK} check my (time|remaining time|card|account) ${PLEASE}`,
    '(balance|my balance|time left|time balance|my time|remaining time) [please]',
    '(do i have|have i got|is there) [any|enough|some] (time|minutes) left',
    'when (does|will) my time (end|run out|expire)',
    'how much of my time (is left|did i use|have i used)',
  ],
  prices: [
    '(what are|tell me|show me|list|say|read me|give me) (the|your|all the|all your) (prices|packages|price list|options|time cards|offers|plans)',
    `${ASK} (show|tell|read|list) me (the|your|all the) (prices|packages|price list|options) ${PLEASE}`,
    '(what|which) (packages|time cards|cards|plans|options|offers) (do you have|are there|can i buy|can i get|do you sell)',
    'how much (does it|does this|does that|is it|is an hour|does an hour|do the packages|does a package|is a package|does a time card) [cost]',
    'how much (is|does) an hour [cost]',
    `how much (is|does|for) the ${PACKAGES} [package|card] [cost]`,
    `what (is|does) the ${PACKAGES} [package|card] [cost]`,
    `what is the price of the ${PACKAGES} [package|card]`,
    `tell me about the ${PACKAGES} (package|card)`,
    "(what is|what's) the (price|cheapest package|best package|best value|cheapest|biggest package|largest package)",
    '(prices|packages|pricing|price list|options) [please]',
    '(what|how much) does it cost',
    '(which|what) (package|card) is (best|cheapest|the best|the cheapest|best for me|right for me)',
    'what do you (sell|offer)',
    'how much do you charge',
  ],
  estimate: [
    '(how much|what) (will|does|did|has|is) (this|the|my) (session|talk|conversation|call) cost [me] [so far]',
    'how much (did|has) this (session|talk|conversation) [cost] [me] [so far]',
    "(estimate|tell me|what is|what's|give me|calculate|work out) the (cost|cost of this session|session cost|price of this session|price of this talk)",
    `${ASK} (estimate|tell me) (the cost|the session cost|the cost of this session|the cost of this talk) ${PLEASE}`,
    'what have i spent [so far]',
    'how much (have i spent|did i spend|am i spending|do i spend) [so far] [today]',
    'what will (this|it) cost [me]',
    '(cost estimate|session cost) [please]',
    'how much am i paying [for this]',
  ],
  purchase: [
    `[yes] ${WANT} [to ${BUY}] the ${PACKAGES} [package|card] ${PLEASE}`,
    `[yes] (i want|i would like|i'd like|i need|can i|may i|let me) [to] ${BUY} [the] ${PACKAGES} [package|card] ${PLEASE}`,
    `${BUY} [the] ${PACKAGES} [package|card] ${PLEASE}`,
    `[the] ${PACKAGES} [package|card|one] ${PLEASE}`,
    `${PACKAGES} please`,
    PACKAGES,
    `the ${PACKAGES}`,
    `start the purchase of the ${PACKAGES} [package|card]`,
    "(i want|i would like|i'd like|i need|can i|may i|let me|how can i|how do i) [to] (buy|get|purchase) (more time|time|some time|some more time|more minutes|more hours|a package|a card|a time card|a new card|another card|another hour)",
    '(buy|get|give me|i need|i want) (more time|another hour|another card|more minutes|a time card)',
    '(top up|add time|add more time|top up my card|top up my time) [please]',
    'i want to (pay|buy|top up)',
    '(how|where) (can|do) i (buy|pay|get) [more time|a card]',
  ],
  summary: [
    '(give me|tell me|show me|read me|i want|i would like|can i have|can i get) (a|the|my) (summary|session summary|summary of this session|summary of my session|summary of this talk|summary of our talk)',
    `${ASK} (summarize|sum up) (this|my|the|our) (session|talk|conversation) ${PLEASE}`,
    '(session summary|summary|my summary) [please]',
    'how long have (i|we) (talked|been talking|been here|spoken)',
    'how (long|much time) did (i|we) (talk|use|speak)',
    'how much time (have i|did i) (used|use) [so far] [today]',
    'what did we (talk about|do|say)',
    'how long (is|was|has been) (this|the|my) (session|talk)',
  ],
  greeting: [
    '(hello|hi|hey|good morning|good afternoon|good evening|good day|hi mind bot) [mind bot]',
    'how are you [today]',
    '(nice to meet you|pleased to meet you)',
    'my name is (anna|tom|peter|mary|john|maria|sam|emma|david|lisa)',
  ],
  confirm: [
    '(yes|yeah|yes please|okay|ok|sure|of course|right|correct|that is right|go ahead|do it|yes i do|alright|fine)',
    "(no|no thanks|no thank you|not now|nope|never mind|cancel|not yet|forget it|no i do not|no i don't)",
    'yes (that one|go ahead|do it|buy it|i would|i want it)',
    'no (stop|cancel|not that|not that one|do not|i do not want that)',
    "(maybe|maybe later|i do not know|i don't know|later|wait|one moment|wait a moment|just a moment)",
  ],
  control: [
    '(stop|stop it|stop talking|be quiet|quiet|silence|pause|wait|please stop|stop please)',
    '(say|repeat) (that|it) [again] [please]',
    '(please|can you|could you) (repeat|say) (that|it) [again]',
    '(repeat|again|once more|pardon|sorry|excuse me|what|what did you say|say again|come again)',
    '(speak|talk) (slower|louder|more slowly|up|faster) [please]',
    "i (did not|didn't|do not|don't|cannot|can't) (understand|hear you|hear that|understand you|understand that)",
    '(end|finish|close|stop) (the|this|my) (session|talk|conversation|call)',
    'i am (done|finished|ready)',
    'that is (all|enough|it|everything)',
    'pause the (session|talk|clock)',
  ],
  goodbye: [
    '(goodbye|bye|bye bye|see you|see you later|farewell|have a nice day)',
    '(thank you|thanks|thank you very much|thanks a lot|many thanks|thank you so much) [goodbye|bye]',
    'i (have to|must|need to|want to) (go|leave) [now]',
  ],
  identity: [
    'who are you',
    '[and] who are you',
    'who are you [please]',
    '(tell me|say) who you are',
    'what are you',
    '(are you|is this) a (person|human|robot|real person|computer|machine|program|real human)',
    "(what is|what's|tell me) your name",
    'are you (real|human|alive)',
    '(am i talking|am i speaking|do i talk) to a (person|human|robot|machine|real person|computer)',
    'who (made|built|programmed) you',
    'how old are you',
    '(where do you|where are you) (live|from|come from)',
  ],
  help: [
    'help',
    'help [me|please]',
    '[i need] help [me] [please]',
    'can you help me [please]',
    'what can (you do|i do|i say|i ask|i ask you|you do for me|i do here)',
    'how does (this|it|this work|it work|that work)',
    'how does (this|it) work',
    'what (is this|is mind bot|can this do|should i say|do i say|do i do|now)',
    'how do i use (this|it|my card|my code)',
    'what is a time card',
    'i want (to talk to|to speak to) (a person|a human|someone|the staff|an operator)',
    'how long is (my card|the card|a card|it) valid',
    '(do i get|can i get|can i have) (a refund|my money back|a receipt)',
    'where is my (code|card|receipt)',
    'i lost my (code|card)',
  ],
  smalltalk: [
    '(tell me|do you know|say) [a|another|one] (joke|funny joke|good joke|joke please|riddle|story|fact|fun fact|funny story)',
    '(tell me|say) something (funny|interesting|nice|new|else)',
    '(make me laugh|another one|one more|another joke|another fact)',
    "(what time is it|what is the time|what's the time|what day is it|what day is it today|what is the date)",
    '(how is|what is) the weather [today|like|tomorrow]',
    '(sing|sing me a song|can you sing|sing a song)',
    '(i like you|i love you|that is funny|that was funny|very good|well done|great|cool|nice|good|good job)',
    'i am (bored|sad|happy|tired|hungry|fine|good|well|lonely|great)',
    "(what is|what's) your favorite (color|animal|food|song|book|game|movie)",
    '(do you like|i like) (music|dogs|cats|animals|games|me|football|pizza)',
    'can you (sing|dance|think|hear me|see me|speak spanish|speak german|speak french)',
    'what do you think',
  ],
};

/**
 * Pronunciations that the dictionary of pocketsphinx lacks (ARPAbet, keys as in its own file). The model hears the short
 * «who» of some speakers as «hear»: with this variant 1.00 confidence instead of a wrong word (measured with slt).
 */
export const EXTRA_PRONUNCIATIONS: Record<string, string> = {
  'who(2)': 'HH Y UW',
};

export interface WeightedPhrase {
  words: string[];
  weight: number;
}

/** Occurrences that each subject counts for, spread over all its sentences. */
const SUBJECT_WEIGHT = 400;

/** Every sentence of every pattern, weighted so that each pattern counts alike within its subject. */
export function domainPhrases(
  patterns: Record<string, readonly string[]> = PHRASE_PATTERNS,
): WeightedPhrase[] {
  return Object.values(patterns).flatMap((lines) =>
    lines.flatMap((line) => {
      const sentences = expandPattern(line);
      const weight = SUBJECT_WEIGHT / lines.length / sentences.length;
      return sentences.map((sentence) => ({ words: sentence.split(' '), weight }));
    }),
  );
}

/**
 * All sentences of one pattern, without doubles.
 * @throws Error when brackets do not close.
 */
export function expandPattern(pattern: string): string[] {
  const tokens = pattern.match(/[()[\]|]|[^()[\]|]+/g) ?? [];
  let at = 0;
  /** Reads choices up to `close`; leaves `at` behind it. */
  const choices = (close: string | undefined): string[] => {
    const all: string[] = [];
    let open = [''];
    const extend = (ends: string[]) => {
      open = open.flatMap((start) => ends.map((end) => `${start} ${end}`));
    };
    for (;;) {
      const token = tokens[at];
      at += 1;
      if (token === close) return [...all, ...open];
      if (token === undefined) throw new Error(`a bracket does not close: ${pattern}`);
      if (token === '|') {
        all.push(...open);
        open = [''];
      } else if (token === '(') extend(choices(')'));
      else if (token === '[') extend(['', ...choices(']')]);
      else extend([token]);
    }
  };
  const sentences = choices(undefined).map((sentence) => sentence.replace(/\s+/g, ' ').trim());
  return [...new Set(sentences)].filter(Boolean);
}
