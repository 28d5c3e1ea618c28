/** What the claim page shows for a token: who has it (the payer) sees the code; every other address looks the same. */
import type { Purchases } from '../doors/database/purchases.ts';
import { type CodeBook, claimTokenHash } from '../model/codes.ts';
import { codeOfPurchase } from '../model/purchase.ts';
import { type SettledNeeds, settledIfOpen } from '../payments/purchases.ts';

export type ClaimView =
  | { kind: 'code'; code: string; tierName: string }
  | { kind: 'confirming' }
  | { kind: 'not_paid' }
  | { kind: 'refunded' }
  | { kind: 'saved' }
  | { kind: 'unavailable' }
  | { kind: 'not_found' };

/** 128 bits in base64url. */
const TOKEN = /^[\w-]{22}$/;

export interface ClaimPageNeeds extends SettledNeeds {
  purchases: Pick<Purchases, 'find'>;
  codes: Pick<CodeBook, 'codeFor'>;
}

/** Never throws: what can't be looked up now is shown as that. */
export async function lookUpClaim(needs: ClaimPageNeeds, token: string): Promise<ClaimView> {
  if (!TOKEN.test(token)) return { kind: 'not_found' };
  try {
    const found = await needs.purchases.find({ claimTokenHash: claimTokenHash(token) });
    if (!found) return { kind: 'not_found' };
    const row = await settledIfOpen(needs, found, 'claim');
    const code = codeOfPurchase(row, needs);
    if (code) return { kind: 'code', code, tierName: row.tierName };
    if (row.status === 'paid' && row.codeRetired) return { kind: 'saved' };
    if (row.status === 'refunded') return { kind: 'refunded' };
    if (row.status === 'failed' || row.status === 'expired') return { kind: 'not_paid' };
    return { kind: row.status === 'paid' ? 'unavailable' : 'confirming' };
  } catch (error) {
    needs.log.warn({ err: error }, 'claim page could not be looked up');
    return { kind: 'unavailable' };
  }
}
