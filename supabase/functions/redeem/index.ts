/** POST redeem: the relay's POST /redeem. */
import { redeem } from '../../../src-relay/cards/redemption.ts';
import { kioskOf } from '../../../src-relay/model/callers.ts';
import { redeemRequestSchema } from '../../../src-shared/relay-api.ts';
import { parts } from '../_shared/parts.ts';
import { bodyAs, serveFunction } from '../_shared/serve.ts';

serveFunction('redeem', '/redeem', {
  'POST /redeem': (call) => redeem(parts, kioskOf(call.credentials), bodyAs(redeemRequestSchema, call)),
});
