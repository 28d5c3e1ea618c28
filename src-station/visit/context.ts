/**
 * What the visit remembers, and nothing else does: everything of the customer is in here and goes with `emptyVisit`.
 * Spoken words (`history`) stay in memory; only what `visit-file.ts` picks reaches the disk, and only while the visit
 * lives.
 */
import { z } from 'zod';
import type { PricingPackage } from '../../src-shared/pricing.ts';
import { type Balance, type Purchase, purchaseSchema } from '../../src-shared/relay-api.ts';
import {
  type AgentCommand,
  type Caption,
  type EndReason,
  type Locale,
  type MeterState,
  type PaymentWay,
  type ProblemCode,
  purchaseViewSchema,
  type ReceiptView,
  type Screen,
  type TalkView,
  toldPurchaseSchema,
} from '../../src-shared/visit.ts';

export const purchaseMemorySchema = purchaseViewSchema.extend({
  /** Canonical code once paid. */
  code: purchaseSchema.shape.code,
  /** Counts from 1 how often the card reader was asked to wait for a card. */
  attempt: z.number().int().min(1),
});
export type PurchaseMemory = z.infer<typeof purchaseMemorySchema>;

/** What of an answer of the relay the memory takes over. */
const answerSchema = toldPurchaseSchema.extend(purchaseSchema.pick({ status: true, code: true }).shape);

/** Nothing of it, while the relay has not answered. */
const UNTOLD = Object.fromEntries(Object.keys(toldPurchaseSchema.shape).map((field) => [field, null])) as {
  [Field in keyof z.infer<typeof toldPurchaseSchema>]: null;
};

export interface TalkMemory {
  talkId: string;
  /** Counts legs from 1; 0 before the first. */
  leg: number;
  /** Legs in a row that ended without a healthy link. */
  failures: number;
  meter: MeterState;
  remainingSeconds: number;
  chargedSeconds: number;
  paused: boolean;
  room: TalkView['room'];
  /** Language of the latest leg. */
  legLocale: Locale | null;
  activity: string | null;
  topUp: TalkView['topUp'];
  history: Caption[];
  commands: AgentCommand[];
  /** Numbers the commands of this talk. */
  commandCount: number;
  /** Why the talk is being closed; only meaningful then. */
  endReason: EndReason;
}

export interface Problem {
  code: ProblemCode;
  detail: string | null;
}

export interface VisitContext {
  visitId: string | null;
  screen: Screen;
  locale: Locale;
  wallet: Balance | null;
  /** Canonical code known in this visit: bought or typed. */
  code: string | null;
  /** What is being redeemed on the code screen; becomes `code` when it is accepted. */
  typedCode: string | null;
  purchase: PurchaseMemory | null;
  talk: TalkMemory | null;
  /** Captions of the talk that the receipt is about, handed on when the customer talks on. */
  formerHistory: Caption[];
  receipt: ReceiptView | null;
  problem: Problem | null;
  /** Seconds until the idle question ends the visit; null while it is not asked. */
  secondsLeft: number | null;
}

export const DEFAULT_LOCALE: Locale = 'en';

/** A visit with nobody in it. Language goes back to the default for the next customer. */
export function emptyVisit(): VisitContext {
  return {
    visitId: null,
    screen: 'attract',
    locale: DEFAULT_LOCALE,
    wallet: null,
    code: null,
    typedCode: null,
    purchase: null,
    talk: null,
    formerHistory: [],
    receipt: null,
    problem: null,
    secondsLeft: null,
  };
}

export function newPurchase(
  purchaseId: string,
  chosen: PricingPackage,
  way: PaymentWay | null,
): PurchaseMemory {
  return { ...UNTOLD, purchaseId, package: chosen, status: 'creating', code: null, way, attempt: 1 };
}

/** What the relay says about the purchase, taken over. */
export function withAnswer(memory: PurchaseMemory, answer: Purchase): PurchaseMemory {
  return { ...memory, ...answerSchema.parse(answer) };
}

export function newTalk(talkId: string, remainingSeconds: number, history: Caption[]): TalkMemory {
  return {
    talkId,
    leg: 0,
    failures: 0,
    meter: 'connecting',
    remainingSeconds,
    chargedSeconds: 0,
    paused: false,
    room: null,
    legLocale: null,
    activity: null,
    topUp: null,
    history,
    commands: [],
    commandCount: 0,
    endReason: 'customer',
  };
}

/** Captions kept for the next leg: enough for any conversation at a kiosk, bounded all the same. */
export const HISTORY_LIMIT = 400;

/** A command without its id, as the machine words it. */
export type CommandBody = AgentCommand extends infer Each
  ? Each extends AgentCommand
    ? Omit<Each, 'id'>
    : never
  : never;

/**
 * Appends a command under an id of its own, unique within the talk. One of its kind that still waits for the agent
 * gives way to it, so that no more than one of each is ever under way.
 */
export function withCommand(talk: TalkMemory, body: CommandBody): TalkMemory {
  const commandCount = talk.commandCount + 1;
  const command = { ...body, id: `${talk.talkId}-${talk.leg}-${commandCount}` } as AgentCommand;
  const others = talk.commands.filter((waiting) => topicOf(waiting.kind) !== topicOf(command.kind));
  return { ...talk, commandCount, commands: [...others, command] };
}

/** To pause and to go on are two answers to one question. */
function topicOf(kind: AgentCommand['kind']): AgentCommand['kind'] {
  return kind === 'resume' ? 'pause' : kind;
}
