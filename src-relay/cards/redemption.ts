/** POST /redeem: opens the wallet behind a code for one visit of a kiosk. */
import type { z } from 'zod';
import { normalizeCode } from '../../src-shared/activation-code.ts';
import { RELAY_ERRORS, type RedeemResponse, type redeemRequestSchema } from '../../src-shared/relay-api.ts';
import type { Cards } from '../doors/database/cards.ts';
import type { Wallets } from '../doors/database/wallets.ts';
import type { Kiosk } from '../model/callers.ts';
import type { CodeBook } from '../model/codes.ts';
import { refusals } from '../model/errors.ts';
import type { Counters } from '../model/witnesses.ts';

export interface RedemptionNeeds {
  codes: Pick<CodeBook, 'lookupsFor'>;
  cards: Pick<Cards, 'redeem'>;
  wallets: Pick<Wallets, 'balance'>;
  metrics: Pick<Counters, 'redemptions'>;
}

/** @throws RelayError codeNotAccepted for every code that is worth nothing, whatever the reason; tooManyTries */
export async function redeem(
  { codes, cards, wallets, metrics }: RedemptionNeeds,
  { kioskId }: Kiosk,
  request: z.infer<typeof redeemRequestSchema>,
): Promise<RedeemResponse> {
  const code = normalizeCode(request.code);
  // What can't be a code is still a try like any other: it is counted, and answered the same.
  const lookups = code === undefined ? [] : codes.lookupsFor(code);
  const answer = await cards.redeem(lookups, kioskId, request.visitId, request.userId);
  metrics.redemptions.inc({ outcome: answer.ok ? answer.outcome : answer.error });
  if (!answer.ok) {
    throw answer.error === RELAY_ERRORS.tooManyTries ? refusals.tooManyTries() : refusals.codeNotAccepted();
  }
  const { userId, cardId, outcome } = answer;
  return { userId, cardId, outcome, balance: await wallets.balance(userId) };
}
