/** GET /r/:token: the claim page. Who has the token (the payer) sees the code; every other address looks the same. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { CLAIM_HEADERS, type ClaimView, claimStatus, renderClaimPage } from '../claim-page.ts';
import { claimTokenHash } from '../codes.ts';
import type { RelayParts } from '../parts.ts';
import { codeOfPurchase } from '../purchase-row.ts';
import { settledIfOpen } from '../purchases.ts';

/** A waiting page asks 20 times a minute; several phones may share an address. */
const CLAIMS_PER_MINUTE = 240;
/** 128 bits in base64url. */
const TOKEN = /^[\w-]{22}$/;

export function registerClaimRoute(app: FastifyInstance, parts: RelayParts): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/r/:token',
    {
      config: { rateLimit: { max: CLAIMS_PER_MINUTE, timeWindow: '1 minute' } },
      schema: { hide: true, params: z.object({ token: z.string() }) },
    },
    async ({ params }, reply) => {
      const view = await lookUp(parts, params.token);
      return reply.code(claimStatus(view)).headers(CLAIM_HEADERS).send(renderClaimPage(view));
    },
  );
}

async function lookUp(parts: RelayParts, token: string): Promise<ClaimView> {
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
