/**
 * What the page is shown, made from what the visit remembers and how the world is. A pure function. Promise: no spoken
 * word is in it, so that its size does not grow with the talk (the page asks for those once, `talk.history`).
 */
import type { PricingPackage } from '../../src-shared/pricing.ts';
import type { Screen, TalkView, VisitSnapshot } from '../../src-shared/visit.ts';
import type { PurchaseMemory, TalkMemory, VisitContext } from './context.ts';

/** What is true whoever stands there. */
export interface World {
  stationInstance: string;
  demo: VisitSnapshot['demo'];
  services: VisitSnapshot['services'];
  packages: PricingPackage[];
}

/** Screens on which the code may be seen. */
const SHOWS_CODE: ReadonlySet<Screen> = new Set(['codeShown', 'ready', 'receipt']);

/** @param revision grows with every change. @param busy an intent is being carried out. */
export function buildSnapshot(
  context: VisitContext,
  world: World,
  revision: number,
  busy: boolean,
): VisitSnapshot {
  const { screen, secondsLeft } = context;
  return {
    revision,
    stationInstance: world.stationInstance,
    visitId: context.visitId,
    screen,
    locale: context.locale,
    demo: world.demo,
    services: world.services,
    packages: world.packages,
    wallet: context.wallet,
    purchase: context.purchase && purchaseView(context.purchase),
    code: SHOWS_CODE.has(screen) ? context.code : null,
    talk: context.talk && talkView(context.talk),
    receipt: screen === 'receipt' ? context.receipt : null,
    problem: context.problem,
    busy,
    stillThere: secondsLeft === null ? null : { secondsLeft },
  };
}

function purchaseView(purchase: PurchaseMemory): VisitSnapshot['purchase'] {
  const { code: _, attempt: __, ...shown } = purchase;
  return shown;
}

function talkView(talk: TalkMemory): TalkView {
  const { talkId, leg, meter, remainingSeconds, chargedSeconds, room, activity, topUp, commands } = talk;
  return {
    talkId,
    leg,
    meter,
    remainingSeconds,
    chargedSeconds,
    room,
    activity,
    topUp,
    commands,
  };
}
