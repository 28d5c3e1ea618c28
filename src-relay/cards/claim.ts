/** What the claim page shows for a token: who has it (the payer) sees the code; every other address looks the same. */

import { claimTokenHash } from '../model/codes.ts';
import { codeOfPurchase } from '../model/purchase.ts';
import type { ClaimView } from '../pages/claim-page.ts';
import { type PurchaseParts, settledIfOpen } from '../payments/purchases.ts';

/** 128 bits in base64url. */
const TOKEN = /^[\w-]{22}$/;

/** Never throws: what can't be looked up now is shown as that. */
export async function lookUpClaim(
  parts: Pick<PurchaseParts, 'codes' | 'database' | 'log' | 'settler'>,
  token: string,
): Promise<ClaimView> {
  if (!TOKEN.test(token)) return { kind: 'not_found' };
  try {
    const found = await parts.database.findPurchase({ claimTokenHash: claimTokenHash(token) });
    if (!found) return { kind: 'not_found' };
    const row = await settledIfOpen(parts, found, 'claim');
    const code = codeOfPurchase(row, parts.codes);
    if (code) return { kind: 'code', code, tierName: row.tierName };
    if (row.status === 'paid' && row.codeRetired) return { kind: 'saved' };
    if (row.status === 'refunded') return { kind: 'refunded' };
    if (row.status === 'failed' || row.status === 'expired') return { kind: 'not_paid' };
    return { kind: row.status === 'paid' ? 'unavailable' : 'confirming' };
  } catch (error) {
    parts.log.warn({ err: error }, 'claim page could not be looked up');
    return { kind: 'unavailable' };
  }
}
