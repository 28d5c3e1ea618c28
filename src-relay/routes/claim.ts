/** GET /r/:token: the claim page. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type ClaimPageNeeds, lookUpClaim } from '../cards/claim.ts';
import { CLAIM_HEADERS, claimStatus, renderClaimPage } from '../pages/claim-page.ts';

/** A waiting page asks 20 times a minute; several phones may share an address. */
const CLAIMS_PER_MINUTE = 240;

export function registerClaimRoute(app: FastifyInstance, needs: ClaimPageNeeds): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/r/:token',
    {
      config: { rateLimit: { max: CLAIMS_PER_MINUTE, timeWindow: '1 minute' } },
      schema: { hide: true, params: z.object({ token: z.string() }) },
    },
    async ({ params }, reply) => {
      const view = await lookUpClaim(needs, params.token);
      return reply.code(claimStatus(view)).headers(CLAIM_HEADERS).send(renderClaimPage(view));
    },
  );
}
