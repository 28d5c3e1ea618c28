/** user/…: what an account may read about itself: the relay's GET /user/:user_id/balance and /analytics. */
import { z } from 'zod';
import { readOwnAnalytics, readOwnBalance } from '../../../src-relay/accounts/own-wallet.ts';
import { callerOf } from '../../../src-relay/model/callers.ts';
import { parts } from '../_shared/parts.ts';
import { type Call, checked, serveFunction } from '../_shared/serve.ts';

const userId = ({ params }: Call) => checked(z.uuid(), params['user_id'], 'params.user_id');

serveFunction('user', '/user', {
  'GET /user/:user_id/balance': async (call) =>
    readOwnBalance(parts, callerOf(call.credentials), userId(call)),
  'GET /user/:user_id/analytics': async (call) =>
    readOwnAnalytics(parts, callerOf(call.credentials), userId(call)),
});
