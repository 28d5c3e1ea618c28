/**
 * The scripted concierge: decides from a chat what to say or which tool to call. Pure and deterministic: the same
 * messages always give the same reply. Promises: only tools that the request offers are called, with an argument their
 * schema allows; a purchase is started only when the person asked for it or said yes to the question; it says that it
 * is an AI and a scripted demo whenever asked; what it does not understand it says so.
 */
import { saidByDirective } from './directive.ts';
import { type Intent, intentOf, namedPackage } from './intents.ts';
import {
  ANSWERS,
  GREETING,
  NOTHING_TO_REPEAT,
  TOOL_FAILED,
  TOOL_MISSING,
  WHICH_PACKAGE,
} from './phrasebook.ts';
import { type ChatMessage, type ChatRequest, messageText } from './schema.ts';
import { listedPackages, toolReply } from './tool-replies.ts';

export type Decision =
  | { type: 'say'; text: string }
  | { type: 'call'; name: string; arguments: Record<string, string> };

const DEFAULT_PACKAGE_IDS = ['starter', 'basic', 'premium', 'pro', 'enterprise'];
const BUY_QUESTION = /would you like to buy the (.+?) package\?\s*$/i;
const TOOL_OF_INTENT: Partial<Record<Intent, string>> = {
  balance: 'check_time_balance',
  prices: 'get_pricing_packages',
  estimate: 'estimate_session_cost',
  summary: 'get_session_summary',
};
const PURCHASE_TOOL = 'start_purchase_process';

interface Situation {
  request: ChatRequest;
  words: string;
  /** What the assistant said last, before the person's words. */
  lastReply: string;
  /** How many times the person has spoken, these words included. */
  turn: number;
  packageIds: string[];
}

/** The reply to a chat. */
export function decide(request: ChatRequest): Decision {
  const { messages } = request;
  const outputs = trailingToolOutputs(messages);
  const users = messages.filter((message) => message.role === 'user');
  const words = users.length > 0 ? messageText(users[users.length - 1] as ChatMessage).trim() : '';
  if (outputs.length > 0)
    return say(outputs.map((output) => toolReply(output, words)).join(' ') || TOOL_FAILED);
  const directed = saidByDirective(messages);
  if (directed) return say(directed);
  const situation: Situation = {
    request,
    words,
    lastReply: lastReply(messages),
    turn: users.length,
    packageIds: knownPackages(request),
  };
  const forced = forcedTool(situation);
  if (forced) return forced;
  return words === '' ? say(situation.lastReply === '' ? GREETING : pick('unknown', 0)) : answer(situation);
}

function answer(situation: Situation): Decision {
  const { words, lastReply: previous, turn } = situation;
  const intent = intentOf(words);
  const named = namedPackage(words, situation.packageIds);
  const offered = BUY_QUESTION.exec(previous)?.[1];
  if (intent === 'yes' && offered && !named)
    return purchase(situation, namedPackage(offered, situation.packageIds));
  if (previous.includes(WHICH_PACKAGE) && named && intent !== 'no' && intent !== 'prices') {
    return purchase(situation, named);
  }
  if (intent === 'yes' && previous.endsWith('Would you like another one?')) return say(pick('joke', turn));
  if (intent === 'yes' && previous.endsWith('Shall I tell you?'))
    return call(situation, 'check_time_balance');
  if (intent === 'purchase') return purchaseOrQuestion(situation, named);
  if (intent === 'repeat') return say(previous || NOTHING_TO_REPEAT);
  if (intent === 'name_given') {
    const name = /\b(?:name is|am called|call me) (\w+)/i.exec(words)?.[1] ?? '';
    return say(
      `Nice to meet you, ${name.charAt(0).toUpperCase()}${name.slice(1)}. I am MindBot. How can I help you?`,
    );
  }
  const tool = TOOL_OF_INTENT[intent];
  return tool ? call(situation, tool) : say(pick(intent, turn - 1));
}

/** A bare package name may be a mishearing: it is asked back, since a purchase screen is no small thing to open. */
function purchaseOrQuestion(situation: Situation, named: string | undefined): Decision {
  if (!named) return purchase(situation, undefined);
  const bare = situation.words.trim().split(/\s+/).length <= 1;
  return bare ? say(`Would you like to buy the ${title(named)} package?`) : purchase(situation, named);
}

function purchase(situation: Situation, packageId: string | undefined): Decision {
  if (!packageId) return say(`${list(situation.packageIds.map(title))}. ${WHICH_PACKAGE}`);
  return call(situation, PURCHASE_TOOL, { package_id: packageId });
}

function call(situation: Situation, name: string, args: Record<string, string> = {}): Decision {
  const { tools, tool_choice: choice } = situation.request;
  const offered = tools?.some((tool) => tool.function.name === name) ?? false;
  return offered && choice !== 'none' ? { type: 'call', name, arguments: args } : say(TOOL_MISSING);
}

/** `tool_choice: required`, or a function by name, leaves no choice but to call. */
function forcedTool(situation: Situation): Decision | undefined {
  const { tools = [], tool_choice: choice } = situation.request;
  if (choice === undefined || choice === 'auto' || choice === 'none') return undefined;
  const names = tools.map((tool) => tool.function.name);
  const decision = situation.words === '' ? undefined : answer(situation);
  if (decision?.type === 'call' && (choice === 'required' || choice.function.name === decision.name))
    return decision;
  const name = choice === 'required' ? names.find((known) => known !== PURCHASE_TOOL) : choice.function.name;
  if (name === undefined || !names.includes(name)) return undefined;
  const packageId = namedPackage(situation.words, situation.packageIds) ?? situation.packageIds[0] ?? '';
  return { type: 'call', name, arguments: name === PURCHASE_TOOL ? { package_id: packageId } : {} };
}

function trailingToolOutputs(messages: readonly ChatMessage[]): string[] {
  const from = messages.findLastIndex((message) => message.role !== 'tool') + 1;
  return messages.slice(from).map(messageText);
}

function lastReply(messages: readonly ChatMessage[]): string {
  const replies = messages.filter(
    (message) => message.role === 'assistant' && messageText(message).trim() !== '',
  );
  const last = replies.at(-1);
  return last ? messageText(last).trim() : '';
}

/** The ids the tool's schema allows, else those a price list in this chat named, else those of the first catalogue. */
function knownPackages(request: ChatRequest): string[] {
  const tool = request.tools?.find((candidate) => candidate.function.name === PURCHASE_TOOL);
  const properties = tool?.function.parameters?.['properties'] as
    | Record<string, { enum?: unknown }>
    | undefined;
  const allowed = properties?.['package_id']?.enum;
  if (Array.isArray(allowed)) return allowed.map(String);
  const listed = request.messages
    .filter((message) => message.role === 'tool')
    .flatMap((message) => listedPackages(messageText(message)).map((offer) => offer.id));
  return listed.length > 0 ? [...new Set(listed)] : DEFAULT_PACKAGE_IDS;
}

function pick(intent: Intent, turn: number): string {
  const answers = ANSWERS[intent] ?? ANSWERS.unknown ?? [];
  return answers[Math.max(0, turn) % answers.length] ?? TOOL_FAILED;
}

function say(text: string): Decision {
  return { type: 'say', text };
}

function title(id: string): string {
  return id.charAt(0).toUpperCase() + id.slice(1);
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
