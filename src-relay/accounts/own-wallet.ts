/** What an account does with its own wallet: reads it, and saves the time of a visit into it. */
import type { z } from 'zod';
import type {
  analyticsResponseSchema,
  Balance,
  saveWalletRequestSchema,
  saveWalletResponseSchema,
} from '../../src-shared/relay-api.ts';
import type { CredentialReader } from '../doors/credentials.ts';
import type { Wallets } from '../doors/database/wallets.ts';
import type { Caller, Kiosk } from '../model/callers.ts';
import { refusals } from '../model/errors.ts';

export interface SaveWalletNeeds {
  credentials: Pick<CredentialReader, 'read'>;
  wallets: Pick<Wallets, 'balance' | 'isHeldBy' | 'merge' | 'walletOf'>;
}

/**
 * POST /wallets/save: the wallet that is open in this visit goes into the one of the account whose token comes along.
 * @throws RelayError unauthorized, walletUnknown, walletNotOpen, walletNotMerged, timeIsLeased
 */
export async function saveWallet(
  { credentials, wallets }: SaveWalletNeeds,
  { kioskId }: Kiosk,
  request: z.infer<typeof saveWalletRequestSchema>,
): Promise<z.infer<typeof saveWalletResponseSchema>> {
  const account = await credentials.read(`Bearer ${request.accountToken}`);
  if (account === 'unverifiable') throw refusals.databaseUnavailable();
  if (typeof account === 'string' || account.kind !== 'customer') throw refusals.unauthorized();
  const userId = await wallets.walletOf(account.authUserId);
  if (!userId) throw refusals.walletUnknown();
  if (!(await wallets.isHeldBy(request.userId, kioskId, request.visitId, userId))) {
    throw refusals.walletNotOpen();
  }
  await wallets.merge(request.userId, userId);
  return { userId, balance: await wallets.balance(userId) };
}

/** @throws RelayError forbidden when the wallet isn't the caller's own */
async function requireOwn(
  { wallets }: { wallets: Pick<Wallets, 'walletOf'> },
  caller: Caller,
  userId: string,
): Promise<void> {
  if ((await wallets.walletOf(caller.authUserId)) !== userId) throw refusals.forbidden();
}

export interface BalanceNeeds {
  wallets: Pick<Wallets, 'balance' | 'walletOf'>;
}

/** GET /user/:user_id/balance. @throws RelayError forbidden */
export async function readOwnBalance(needs: BalanceNeeds, caller: Caller, userId: string): Promise<Balance> {
  await requireOwn(needs, caller, userId);
  return needs.wallets.balance(userId);
}

export interface AnalyticsNeeds {
  wallets: Pick<Wallets, 'analyticsOf' | 'walletOf'>;
}

/** GET /user/:user_id/analytics. @throws RelayError forbidden */
export async function readOwnAnalytics(
  needs: AnalyticsNeeds,
  caller: Caller,
  userId: string,
): Promise<z.infer<typeof analyticsResponseSchema>> {
  await requireOwn(needs, caller, userId);
  return { userId, ...(await needs.wallets.analyticsOf(userId)) };
}
