/** GET claim/r/<token>: the relay's claim page. */
import { lookUpClaim } from '../../../src-relay/cards/claim.ts';
import { CLAIM_HEADERS, claimStatus, renderClaimPage } from '../../../src-relay/pages/claim-page.ts';
import { parts } from '../_shared/parts.ts';
import { serveFunction } from '../_shared/serve.ts';

serveFunction('claim', '', {
  'GET /r/:token': async ({ params }) => {
    const view = await lookUpClaim(parts, params['token'] ?? '');
    return new Response(renderClaimPage(view), { status: claimStatus(view), headers: CLAIM_HEADERS });
  },
});
