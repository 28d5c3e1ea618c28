/** What the visit asks of the world, as the machine knows it: promises with plain inputs, and problems as errors. */
import type { PricingPackage } from '../../src-shared/pricing.ts';
import type { Balance, Purchase } from '../../src-shared/relay-api.ts';
import type {
  Caption,
  EndReason,
  Locale,
  PaymentWay,
  ProblemCode,
  TalkView,
} from '../../src-shared/visit.ts';

/** A failure the customer is told about. Anything else that is thrown counts as `something_went_wrong`. */
export class VisitProblem extends Error {
  readonly code: ProblemCode;
  readonly detail: string | null;

  constructor(code: ProblemCode, detail: string | null = null) {
    super(code);
    this.name = 'VisitProblem';
    this.code = code;
    this.detail = detail;
  }
}

/** The problem behind whatever an effect threw. */
export function problemOf(error: unknown): { code: ProblemCode; detail: string | null } {
  if (error instanceof VisitProblem) return { code: error.code, detail: error.detail };
  return { code: 'something_went_wrong', detail: null };
}

export interface CreatePurchaseInput {
  purchaseId: string;
  package: PricingPackage;
  visitId: string;
  userId: string | null;
  locale: Locale;
  way: PaymentWay;
  /** Which call to the card reader this is. */
  attempt: number;
}

export interface RedeemInput {
  code: string;
  visitId: string;
  userId: string | null;
}

export interface StartLegInput {
  visitId: string;
  talkId: string;
  leg: number;
  locale: Locale;
  formerLocale: Locale | null;
  remainingSeconds: number;
  history: Caption[];
}

export interface ClosedTalk {
  startedAtMs: number;
  endedAtMs: number;
  chargedSeconds: number;
  remainingSeconds: number;
  endReason: EndReason;
  settled: boolean;
}

/** All effects that take time. Each may reject with VisitProblem. */
export interface VisitEffects {
  createPurchase(input: CreatePurchaseInput): Promise<Purchase>;
  pollPurchase(input: { purchaseId: string; visitId: string }): Promise<Purchase>;
  redeem(input: RedeemInput): Promise<Balance>;
  openTalk(input: { talkId: string; visitId: string; userId: string }): Promise<{ remainingSeconds: number }>;
  startLeg(input: StartLegInput): Promise<NonNullable<TalkView['room']>>;
  closeTalk(input: { talkId: string; reason: EndReason; legs: number }): Promise<ClosedTalk>;
}
