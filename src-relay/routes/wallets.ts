/** Codes and what wallets hold: POST /redeem, POST /wallets/save, GET /user/:user_id/balance and /analytics. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  analyticsResponseSchema,
  balanceSchema,
  redeemRequestSchema,
  redeemResponseSchema,
  saveWalletRequestSchema,
  saveWalletResponseSchema,
} from '../../src-shared/relay-api.ts';
import { redeem } from '../cards/redemption.ts';
import type { Credentials } from '../model/callers.ts';
import { kioskOf } from '../model/callers.ts';
import { refusals, withErrors } from '../model/errors.ts';
import type { RelayParts } from './parts.ts';

/** Above what a person types; the database counts the wrong ones more strictly. */
const REDEMPTIONS_PER_MINUTE = 30;

const userParams = z.object({ user_id: z.uuid() });

export function registerWalletRoutes(app: FastifyInstance, parts: RelayParts): void {
  const { database, wallets } = parts;
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.post(
    '/redeem',
    {
      config: { rateLimit: { max: REDEMPTIONS_PER_MINUTE, timeWindow: '1 minute' } },
      schema: {
        summary: 'Open the wallet behind a code for one visit',
        body: redeemRequestSchema,
        response: withErrors(redeemResponseSchema),
      },
    },
    ({ body, credentials }) => redeem(parts, kioskOf(credentials), body),
  );

  routes.post(
    '/wallets/save',
    {
      config: { rateLimit: { max: REDEMPTIONS_PER_MINUTE, timeWindow: '1 minute' } },
      schema: {
        summary: 'Save the time of a visit to an account',
        body: saveWalletRequestSchema,
        response: withErrors(saveWalletResponseSchema),
      },
    },
    async ({ body, credentials }) => {
      const { kioskId } = kioskOf(credentials);
      const account = await parts.credentials.read(`Bearer ${body.accountToken}`);
      if (account === 'unverifiable') throw refusals.databaseUnavailable();
      if (typeof account === 'string' || account.kind !== 'customer') throw refusals.unauthorized();
      const userId = await wallets.walletOf(account.authUserId);
      if (!userId) throw refusals.walletUnknown();
      if (!(await wallets.isHeldBy(body.userId, kioskId, body.visitId, userId)))
        throw refusals.walletNotOpen();
      await database.mergeWallet(body.userId, userId);
      return { userId, balance: await database.balance(userId) };
    },
  );

  /** @throws RelayError forbidden when the wallet isn't the caller's own */
  async function requireOwnWallet(credentials: Credentials, userId: string): Promise<void> {
    const isOwn =
      typeof credentials !== 'string' && (await wallets.walletOf(credentials.authUserId)) === userId;
    if (!isOwn) throw refusals.forbidden();
  }

  routes.get(
    '/user/:user_id/balance',
    {
      schema: { summary: 'Time left', params: userParams, response: withErrors(balanceSchema) },
    },
    async ({ params, credentials }) => {
      await requireOwnWallet(credentials, params.user_id);
      return database.balance(params.user_id);
    },
  );

  routes.get(
    '/user/:user_id/analytics',
    {
      schema: {
        summary: 'Talks and purchases of one account',
        params: userParams,
        response: withErrors(analyticsResponseSchema),
      },
    },
    async ({ params, credentials }) => {
      await requireOwnWallet(credentials, params.user_id);
      return { userId: params.user_id, ...(await wallets.analyticsOf(params.user_id)) };
    },
  );
}
