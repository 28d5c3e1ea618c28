/**
 * Everything that can happen to a visit. Ids and times come in with the event, so that the machine stays pure. What
 * the customer asks for is translated from `VisitIntent` by the engine.
 */
import type { PricingPackage } from '../../src-shared/pricing.ts';
import type { Balance } from '../../src-shared/relay-api.ts';
import type { Caption, EndReason, Locale, MeterState, PaymentWay } from '../../src-shared/visit.ts';
import type { PurchaseMemory } from './context.ts';

type CustomerEvent =
  | { type: 'begin'; visitId: string }
  | { type: 'chooseBuy' }
  | { type: 'chooseCode' }
  /** `way` is null when the customer has the choice. */
  | { type: 'choosePackage'; package: PricingPackage; purchaseId: string; way: 'phone' | null }
  /** `purchaseId` is for the case that another way needs a purchase of its own. */
  | { type: 'chooseWay'; way: PaymentWay; purchaseId: string }
  | { type: 'submitCode'; code: string }
  | { type: 'activate' }
  | { type: 'startTalk'; talkId: string }
  | { type: 'pause' }
  | { type: 'resume' }
  | { type: 'endTalk' }
  | { type: 'openTopUp' }
  | { type: 'closeTopUp' }
  | { type: 'back' }
  | { type: 'startOver' }
  | { type: 'finish' }
  | { type: 'setLocale'; locale: Locale };

/** Raised by one region of the machine for another. */
type InnerEvent =
  | { type: 'screen.entered' }
  | { type: 'pay.start' }
  | { type: 'pay.leave' }
  | { type: 'pay.paid' }
  | { type: 'pay.failed' }
  | { type: 'talk.leftAlone' };

type WorldEvent =
  /** A purchase that was left turned out to be paid: at a card reader the card may be quicker than the leaving. */
  | { type: 'paidAfterAll'; visitId: string; purchase: PurchaseMemory }
  /** A touch or key; `clearsProblem` when it also asks for something new. */
  | { type: 'life'; clearsProblem: boolean }
  | {
      type: 'meter.tick';
      talkId: string;
      state: MeterState;
      chargedSeconds: number;
      remainingSeconds: number;
    }
  | { type: 'meter.lowTime'; talkId: string; usableSeconds: number }
  | { type: 'meter.stillThere'; talkId: string }
  | { type: 'meter.silenceOver'; talkId: string }
  | { type: 'meter.mustEnd'; talkId: string; reason: EndReason }
  | { type: 'meter.settled'; talkId: string }
  /** Page and agent hear each other on this leg. */
  | { type: 'link.healthy'; leg: number }
  /** The agent or the room of this leg is lost, or the page came back and needs a fresh room. */
  | { type: 'link.lost'; leg: number; counts: boolean }
  | { type: 'caption'; talkId: string; caption: Caption }
  | { type: 'commandDone'; id: string }
  | { type: 'activity'; tool: string | null }
  | { type: 'balance'; balance: Balance };

export type VisitEvent = CustomerEvent | InnerEvent | WorldEvent;
