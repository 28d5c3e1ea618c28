/** Which refusal an error of the logic stands for; undefined is a fault of ours. The same in every runtime. */
import Stripe from 'stripe';
import { DATABASE_ERRORS } from '../../src-shared/database.ts';
import { DatabaseRefusal } from '../doors/database/database.ts';
import { RelayError, refusals } from './errors.ts';

/** Refusals of the database functions that a caller can do something about. */
const KNOWN_REFUSALS: Readonly<Record<string, () => RelayError>> = {
  [DATABASE_ERRORS.kioskRevoked]: refusals.forbidden,
  [DATABASE_ERRORS.noGrant]: refusals.forbidden,
  tier_unknown: refusals.packageUnknown,
  package_unknown: refusals.packageUnknown,
  purchase_differs: refusals.purchaseDiffers,
  purchase_unknown: refusals.purchaseUnknown,
  batch_differs: refusals.batchDiffers,
  time_is_leased: refusals.timeIsLeased,
  wallet_merged: refusals.walletNotMerged,
  wallet_of_account: refusals.walletNotMerged,
};

export function refusalOfLogic(error: unknown): RelayError | undefined {
  if (error instanceof RelayError) return error;
  if (error instanceof DatabaseRefusal) return KNOWN_REFUSALS[error.reason]?.();
  if (error instanceof Stripe.errors.StripeIdempotencyError) return refusals.purchaseDiffers();
  return undefined;
}
