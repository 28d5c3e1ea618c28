/**
 * What a person means, by the words they used. Pure and deterministic: an ordered list of rules, the first that fits
 * decides; `unknown` when none does. Written for spoken sentences, so punctuation and case don't matter.
 */

export const INTENTS = [
  'distress',
  'refused',
  'stop',
  'repeat',
  'end_session',
  'human_help',
  'identity',
  'estimate',
  'summary',
  'balance',
  'purchase',
  'prices',
  'joke',
  'fact',
  'clock',
  'weather',
  'sing',
  'feelings_good',
  'feelings_bad',
  'favourite',
  'validity',
  'refund',
  'lost_code',
  'help',
  'how_are_you',
  'name_given',
  'thanks',
  'goodbye',
  'praise',
  'greeting',
  'yes',
  'no',
  'wait',
  'unknown',
] as const;
export type Intent = (typeof INTENTS)[number];

const RULES: readonly (readonly [Intent, RegExp])[] = [
  ['distress', /\b(kill myself|hurt myself|suicide|suicidal|want to die|self harm|someone is hurting me)\b/],
  [
    'refused',
    /\b(bomb|weapons?|guns?|explosives?|drugs|cocaine|porn|sexy?|naked|nude|hack(ing)?|steal|racist|nazi|murder|poison|gambl(e|ing)|vote for|medical advice|legal advice|diagnose|swear word)\b/,
  ],
  [
    'repeat',
    /\b(say|repeat|tell me) (that|it)( one)? again\b|^(please )?(repeat|again|pardon|once more|come again|say again)\b|\b(repeat (that|it))\b|what did you (just )?say|did( not|n't) (hear|understand|get|catch) (you|that|it)|can('t|not| not) (hear|understand) (you|that)|^(sorry|what|excuse me)$/,
  ],
  [
    'end_session',
    /\b(end|finish|close|stop) (the|this|my|our) (session|talk|conversation|call|chat)\b|\bi('m| am) (done|finished)\b|\bthat('s| is) (all|enough|everything)\b/,
  ],
  [
    'stop',
    /^(please )?(stop|quiet|silence|shut up|be quiet|pause|enough)( it| talking| please| now)*$|\bstop talking\b/,
  ],
  [
    'human_help',
    /\b(talk|speak|get|call|want|need)\b.*\b(a (real )?(person|human)|someone|staff|operator|manager)\b/,
  ],
  [
    'identity',
    /\b(who|what) are you\b|\bare you (a |an )?(real|human|person|robot|computer|machine|alive|program|ai|a i|chat ?gpt)\b|\b(am i|do i) (talking|speaking|talk|speak) (to|with)\b|\bis this (a |an )?(real |)?(person|human|robot|machine|computer|ai|a i)\b|\byour name\b|\bwho (made|built|programmed) you\b|\bhow old are you\b|\bwhere (are|do) you (live|come|from)\b|\b(tell me|say) who you are\b/,
  ],
  [
    'estimate',
    /\b(estimate|calculate|work out)\b.*\b(cost|price|session|talk)\b|\b(cost estimate|session cost|cost of (this|the|my) (session|talk|call))\b|\b(this|the|my) (session|talk|conversation|call|chat)\b.*\b(cost|price)\b|\bhow much (did|has|will|does) (this|the|my) (session|talk|conversation|call|chat)\b|\b(spent|spend|spending|paying|paid|cost me)\b/,
  ],
  ['validity', /\b(valid|validity|expiry|cards? expires?|how long does (it|my card|a card) last)\b/],
  ['help', /\bwhat is a (time )?card\b/],
  [
    'summary',
    /\bsummar(y|ies|ize|ise)\b|\bsum up\b|\bhow long (have (i|we)|did (i|we)|(is|was|has) (this|the|my) (session|talk|conversation|call))\b|\bhow much time (have|did) (i|we) (used?|spent|talk(ed)?)\b|\bwhat did we (talk|do|say|discuss)\b|\brecap\b/,
  ],
  [
    'balance',
    /\bbalance\b|\b(time|minutes|hours|seconds)\b.*\b(left|remain(s|ing)?|have i got|do i (still )?have)\b|\bhow (much|many) (time|minutes|hours|seconds)\b(?!.*\b(cost|buy|is the|are the)\b)|\b(left|remaining) (time|minutes)\b|\bhow long (can|may|do) (i|we)\b|\b(run|runs|running) out\b|\bcheck my (time|card|account)\b|\bmy (remaining )?time\b.*\b(end|left|expire|used)\b|^(my |remaining )?time( left)?( please)?$|\bhow much of my time\b|\b(what is|what's|tell me|show me|say) my (remaining )?time\b/,
  ],
  ['refund', /\b(refund|money back|receipt)\b/],
  ['lost_code', /\b(lost|forgot|where is|can't find|cannot find) (my|the) (code|card)\b/],
  [
    'prices',
    /\b(prices?|pricing|price ?list|packages|time cards|plans|offers|options|cheapest|biggest|largest|best value)\b|\b(what|how much) (is|does|do|are|for)\b.*\b(starter|basic|premium|pro|enterprise|cost|costs|hour|card|package)\b|\bhow (much|expensive) (is|does|do|are)\b|\babout (the |your )?(starter|basic|premium|pro|enterprise|packages?)\b|\b(which|what) (package|card|plan)\b|\bbest (package|card|plan|offer)\b|\bwhat do you (sell|offer)\b|\bhow much do you charge\b/,
  ],
  [
    'purchase',
    /\b(buy|purchase|order|top ?up|upgrade)\b|\b(more|another|add|extra) (time|hours?|minutes|card)\b|\bi want to pay\b|\b(want|like|need|take|get|have|give me)\b.*\b(starter|basic|premium|pro|enterprise|package|time card)\b|\b(starter|basic|premium|pro|enterprise)( package| card| one)? please\b|\bthe (starter|basic|premium|pro|enterprise) (package|card|one)\b|\bthe (starter|basic|premium|pro|enterprise)( please)?$|^(starter|basic|premium|pro|enterprise)( package| card| one)?$/,
  ],
  ['joke', /\b(joke|riddle|laugh|funny (story|one)|something funny)\b/],
  ['fact', /\b(fact|something (interesting|new|nice|else)|story|teach me)\b/],
  [
    'clock',
    /\b(what|which) (time|day|date) is it\b|\bwhat('s| is) the (time|date|day)\b|\btime of day\b|\btoday's date\b/,
  ],
  ['weather', /\b(weather|rain|raining|sunny|temperature)\b/],
  ['sing', /\b(sing|song|dance|music)\b/],
  [
    'favourite',
    /\byour (favou?rite)\b|\bdo you (like|love|want|think|dream|sleep|eat)\b|\bwhat do you think\b/,
  ],
  ['how_are_you', /\bhow are you\b|\bhow('s| is) it going\b|\bhow do you do\b/],
  ['name_given', /\bmy name is \w+|\bi am called \w+|\bcall me \w+/],
  [
    'feelings_bad',
    /\bi('m| am| feel)( so| very| a bit)? (bored|sad|tired|lonely|hungry|angry|scared|afraid|unhappy|sick)\b/,
  ],
  ['feelings_good', /\bi('m| am| feel)( so| very)? (happy|fine|good|well|great|okay|ok)\b/],
  [
    'help',
    /\bhelp\b|\bwhat (can|should|do) (you|i) (do|say|ask)\b|\bhow (does|do) (this|it|that|i use|i)\b|\bwhat is (this|a time card|mind ?bot)\b|\bwhat (can|should) i\b|\bwhat now\b|\bwhat can (you|this) do\b/,
  ],
  ['no', /^(no|nope|nah|not|never|cancel|later|maybe later|forget)\b/],
  [
    'goodbye',
    /\b(good ?bye|bye|see you|farewell|good night|have a nice day|(have|need|got) to (go|leave)|must (go|leave))\b/,
  ],
  ['thanks', /\b(thanks?|thank you|cheers)\b/],
  ['wait', /^(wait|hold on|one moment|just a moment|one second|maybe|i do(n't| not) know|hm+)\b/],
  [
    'yes',
    /^(yes|yeah|yep|ok|okay|sure|of course|right|correct|go ahead|do it|alright|all right|fine|please do|that is right)\b/,
  ],
  [
    'praise',
    /\b(i (like|love) you|you are (funny|nice|great|good|smart)|(that|it) (is|was) (funny|good|great)|well done|good job|^(great|cool|nice|good|very good|wonderful)$)\b/,
  ],
  [
    'greeting',
    /^(hello|hi|hey|good (morning|afternoon|evening|day)|greetings|nice to meet you|pleased to meet you|howdy)\b/,
  ],
];

/** Lower case, no punctuation but apostrophes, single spaces. */
export function plainWords(text: string): string {
  return text
    .toLowerCase()
    .replace(/[’‘]/g, "'")
    .replace(/[^a-z0-9' ]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The first rule that fits the whole sentence. */
export function intentOf(text: string): Intent {
  const words = plainWords(text);
  return RULES.find(([, pattern]) => pattern.test(words))?.[0] ?? 'unknown';
}

/** The one known id or name that the text contains as a word; undefined for none or several. */
export function namedPackage(text: string, packageIds: readonly string[]): string | undefined {
  const words = ` ${plainWords(text)} `;
  const named = packageIds.filter((id) => words.includes(` ${plainWords(id.replaceAll(/[-_]/g, ' '))} `));
  return named.length === 1 ? named[0] : undefined;
}
