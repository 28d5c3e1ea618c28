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
import {
  type AnalyticsNeeds,
  type BalanceNeeds,
  readOwnAnalytics,
  readOwnBalance,
  type SaveWalletNeeds,
  saveWallet,
} from '../accounts/own-wallet.ts';
import { type RedemptionNeeds, redeem } from '../cards/redemption.ts';
import { callerOf, kioskOf } from '../model/callers.ts';
import { withErrors } from '../model/errors.ts';

/** Above what a person types; the database counts the wrong ones more strictly. */
const REDEMPTIONS_PER_MINUTE = 30;

const userParams = z.object({ user_id: z.uuid() });

export type WalletNeeds = RedemptionNeeds & SaveWalletNeeds & BalanceNeeds & AnalyticsNeeds;

export function registerWalletRoutes(app: FastifyInstance, needs: WalletNeeds): void {
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
    ({ body, credentials }) => redeem(needs, kioskOf(credentials), body),
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
    ({ body, credentials }) => saveWallet(needs, kioskOf(credentials), body),
  );

  routes.get(
    '/user/:user_id/balance',
    {
      schema: { summary: 'Time left', params: userParams, response: withErrors(balanceSchema) },
    },
    ({ params, credentials }) => readOwnBalance(needs, callerOf(credentials), params.user_id),
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
    ({ params, credentials }) => readOwnAnalytics(needs, callerOf(credentials), params.user_id),
  );
}
