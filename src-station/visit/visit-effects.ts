/** The visit's effects on the real world: relay, metering, rooms. Failures become problems the customer can be told. */

import type { RoomService } from '../../src-runtime/livekit-rooms.ts';
import { JOB_HISTORY_BYTES } from '../../src-shared/agent-link.ts';
import { newestWithin } from '../../src-shared/captions.ts';
import type { ProblemCode } from '../../src-shared/visit.ts';
import { problemCodeOf } from '../relay-client/problems.ts';
import type { RelayClient } from '../relay-client/relay-client.ts';
import type { ExpectedJob } from '../voice/rooms.ts';
import { type StartLegInput, type VisitEffects, VisitProblem } from './effects.ts';
import type { TalkDriver } from './talk-driver.ts';

export interface EffectParts {
  relay: RelayClient;
  rooms: RoomService;
  driver: TalkDriver;
  /** Speech and language are the embedded demo. */
  demoSpeech: boolean;
  /** Puts the visit as it is now on disk. @throws when it can't be written */
  saveVisit(): void;
  /** A talk was closed and everything of it is with the server: time for the wallet's fresh balance. */
  onClosed(): void;
}

async function translated<Answer>(whenUnreachable: ProblemCode, run: Promise<Answer>): Promise<Answer> {
  try {
    return await run;
  } catch (error) {
    throw new VisitProblem(problemCodeOf(error, whenUnreachable));
  }
}

export function createVisitEffects(parts: EffectParts): VisitEffects {
  const { relay, rooms, driver } = parts;
  return {
    createPurchase: async ({ purchaseId, package: chosen, visitId, userId, locale, way, attempt }) => {
      // The machine has to finish its step before the visit on disk can hold the purchase.
      await Promise.resolve();
      saveOrRefuse(parts);
      const request = { purchaseId, packageId: chosen.id, visitId, userId };
      const begin = {
        phone: () => relay.createCheckout({ ...request, locale }),
        reader: () => relay.startTerminalPayment({ ...request, attempt }),
        here: () => relay.startElementPayment(request),
      };
      return translated('payments_unreachable', begin[way]());
    },
    pollPurchase: ({ purchaseId, visitId }) =>
      translated('payments_unreachable', relay.purchase(purchaseId, visitId)),
    redeem: async (input) => (await translated('database_unreachable', relay.redeem(input))).balance,
    openTalk: (input) => driver.open(input),
    startLeg: ({ talkId, ...leg }) => rooms.startLeg({ talkId, ...legJob(leg, parts.demoSpeech) }),
    closeTalk: async ({ talkId, reason, legs }) => {
      const closed = driver.close(reason);
      void rooms.closeLegs(talkId, legs).catch(() => undefined);
      // Otherwise the figures would be those from before the end; metering tells when it is settled.
      if (closed.settled) parts.onClosed();
      return closed;
    },
  };
}

/** What the agent of a leg is told. The same leg always gives the same text, so that a warm room is recognised. */
export function legJob(leg: Omit<StartLegInput, 'talkId'>, demo: boolean): ExpectedJob {
  return {
    visitId: leg.visitId,
    leg: leg.leg,
    locale: leg.locale,
    formerLocale: leg.formerLocale,
    customerName: null,
    remainingSeconds: leg.remainingSeconds,
    demo,
    history: newestWithin(
      leg.history.filter(({ final }) => final),
      JOB_HISTORY_BYTES,
    ),
  };
}

function saveOrRefuse(parts: EffectParts): void {
  try {
    parts.saveVisit();
  } catch {
    throw new VisitProblem('storage_full');
  }
}
