/** How anything thrown becomes an answer: refusals as they are, bad requests named, everything else a plain 500. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import Stripe from 'stripe';
import type { Logger } from '../src-runtime/log.ts';
import { DATABASE_ERRORS } from '../src-shared/database.ts';
import { DatabaseRefusal } from './database.ts';
import { INTERNAL_ERROR, RelayError, refusals } from './errors.ts';

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

export function replyWithError(log: Logger) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply) => {
    const refusal = refusalOf(error);
    const context = { route: request.routeOptions.url, method: request.method, err: error };
    if (!refusal) log.error(context, 'request failed');
    else if (refusal.status >= 500) log.warn(context, 'request refused');
    const { status, code, message } = refusal ?? { status: 500, ...INTERNAL_ERROR };
    return reply.code(status).type('application/json').send({ error: { code, message } });
  };
}

/** The refusal behind an error; undefined when it is a fault of ours. */
export function refusalOf(error: FastifyError | Error): RelayError | undefined {
  if (error instanceof RelayError) return error;
  if (error instanceof DatabaseRefusal) return KNOWN_REFUSALS[error.reason]?.();
  if (error instanceof Stripe.errors.StripeIdempotencyError) return refusals.purchaseDiffers();
  if (hasZodFastifySchemaValidationErrors(error)) {
    const [first] = error.validation;
    const where = [error.validationContext, ...(first?.instancePath.split('/').filter(Boolean) ?? [])].join(
      '.',
    );
    return refusals.invalidRequest(`${where}: ${first?.message ?? 'is not as expected'}`);
  }
  const status = 'statusCode' in error ? error.statusCode : undefined;
  if (status === undefined || status < 400 || status >= 500) return undefined;
  return new RelayError(status, refusals.invalidRequest('').code, 'This request can’t be read.');
}
