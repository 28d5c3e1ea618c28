/** POST wallets/save: the relay's POST /wallets/save. */
import { saveWallet } from '../../../src-relay/accounts/own-wallet.ts';
import { kioskOf } from '../../../src-relay/model/callers.ts';
import { saveWalletRequestSchema } from '../../../src-shared/relay-api.ts';
import { parts } from '../_shared/parts.ts';
import { bodyAs, serveFunction } from '../_shared/serve.ts';

serveFunction('wallets', '/wallets', {
  'POST /wallets/save': async (call) =>
    saveWallet(parts, kioskOf(call.credentials), bodyAs(saveWalletRequestSchema, call)),
});
