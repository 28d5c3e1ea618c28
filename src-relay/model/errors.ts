/**
 * The relay's errors, in one home: what is refused and in which words, what the database refuses by name, and how
 * anything thrown becomes an answer. Promises: one body `{error:{code,message}}` with words a customer can act on, the
 * same in every runtime; the text of a fault of ours never leaves.
 */
import type { z } from 'zod';
import { DATABASE_ERRORS } from '../../src-shared/database.ts';
import { RELAY_ERRORS, relayErrorSchema } from '../../src-shared/relay-api.ts';
import type { Log } from './witnesses.ts';

/** A refusal that may be shown as it is. Anything else thrown is answered as a plain 500. */
export class RelayError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'RelayError';
    this.status = status;
    this.code = code;
  }
}

/** A refusal by name, raised by a database function (SQLSTATE P0001). */
export class DatabaseRefusal extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`The database refused: ${reason}`);
    this.name = 'DatabaseRefusal';
    this.reason = reason;
  }
}

/** The row to be written exists already (SQLSTATE 23505). */
export class DatabaseConflict extends Error {}

const INTERNAL_ERROR = {
  code: 'internal',
  message: 'Something went wrong on our side. Please try again in a moment.',
} as const;

export const refusals = {
  unauthorized: () => new RelayError(401, RELAY_ERRORS.unauthorized, 'Please sign in and try again.'),
  forbidden: () => new RelayError(403, RELAY_ERRORS.forbidden, 'This is not allowed for your account.'),
  notFound: () => new RelayError(404, 'not_found', 'There is nothing at this address.'),
  invalidRequest: (what: string) => new RelayError(400, RELAY_ERRORS.invalidRequest, what),
  packageUnknown: () =>
    new RelayError(404, RELAY_ERRORS.packageUnknown, 'This package is not on sale. Please choose another.'),
  purchaseUnknown: () =>
    new RelayError(404, RELAY_ERRORS.purchaseUnknown, 'This purchase is not known. Please start again.'),
  purchaseDiffers: () =>
    new RelayError(409, 'purchase_differs', 'This purchase was begun differently. Please start a new one.'),
  codeNotAccepted: () =>
    new RelayError(
      422,
      RELAY_ERRORS.codeNotAccepted,
      'This code was not accepted. Check the 12 characters and try again.',
    ),
  enrolmentNotAccepted: () =>
    new RelayError(
      422,
      RELAY_ERRORS.codeNotAccepted,
      'This code was not accepted. Check its 12 characters, or ask staff for a new one.',
    ),
  tooManyTries: () =>
    new RelayError(
      429,
      RELAY_ERRORS.tooManyTries,
      'Too many codes were tried. Please wait ten minutes and try again.',
    ),
  tooManyRequests: () =>
    new RelayError(429, 'too_many_requests', 'Too many requests. Please wait a moment and try again.'),
  batchUnknown: () => new RelayError(404, 'batch_unknown', 'This batch of cards is not known.'),
  batchDiffers: () =>
    new RelayError(409, 'batch_differs', 'This batch was issued differently. Please start a new one.'),
  walletUnknown: () => new RelayError(404, 'wallet_unknown', 'This account holds no time yet.'),
  walletNotOpen: () => new RelayError(403, 'wallet_not_open', 'Open your time with its code first.'),
  walletNotMerged: () => new RelayError(409, 'wallet_not_saved', 'This time belongs to an account already.'),
  timeIsLeased: () =>
    new RelayError(409, 'time_is_leased', 'Please end the talk first; then your time can be saved.'),
  readerUnavailable: () =>
    new RelayError(
      409,
      RELAY_ERRORS.readerUnavailable,
      'The card reader can’t be reached right now. Please pay in another way.',
    ),
  readerBusy: () =>
    new RelayError(
      409,
      RELAY_ERRORS.readerBusy,
      'The card reader is busy. Please try again in a moment, or pay in another way.',
    ),
  payHereUnavailable: () =>
    new RelayError(
      409,
      RELAY_ERRORS.payHereUnavailable,
      'A card can’t be typed here. Please pay in another way.',
    ),
  databaseUnavailable: (cause?: unknown) =>
    new RelayError(
      503,
      RELAY_ERRORS.databaseUnavailable,
      'We can’t reach our records right now. Nothing was lost; please try again shortly.',
      cause,
    ),
  voiceUnavailable: (cause?: unknown) =>
    new RelayError(
      503,
      'voice_unavailable',
      'The voice line can’t be reached right now. Please try again shortly.',
      cause,
    ),
  stripeUnavailable: (cause?: unknown) =>
    new RelayError(
      503,
      RELAY_ERRORS.stripeUnavailable,
      'The payment service can’t be reached right now. Please try again shortly.',
      cause,
    ),
} as const;

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

/** The refusal that an error of the logic stands for; undefined is a fault of ours. */
export function refusalOf(error: unknown): RelayError | undefined {
  if (error instanceof RelayError) return error;
  return error instanceof DatabaseRefusal ? KNOWN_REFUSALS[error.reason]?.() : undefined;
}

const UNREADABLE = 'This request can’t be read.';

/** The refusal of a request that is not as expected: where (`body.code`) and what is wrong there. */
export function invalidField(where: string, path: readonly PropertyKey[], message = 'is not as expected') {
  return refusals.invalidRequest(`${[where, ...path].join('.')}: ${message}`);
}

/** What an HTTP server throws by itself, as Fastify does. */
interface ServerError {
  statusCode?: number;
  /** Against the schema of a route; `instancePath` is a JSON pointer. */
  validation?: readonly { instancePath: string; message?: string }[];
  validationContext?: string;
}

/** The refusal behind what the server itself refused: a body that is not as expected, too large, or no JSON. */
export function refusalByServer(error: Error & ServerError): RelayError | undefined {
  const [first] = error.validation ?? [];
  if (first) {
    const path = first.instancePath.split('/').filter(Boolean);
    return invalidField(error.validationContext ?? '', path, first.message);
  }
  const { statusCode: status } = error;
  if (status === undefined || status < 400 || status >= 500) return undefined;
  return new RelayError(status, RELAY_ERRORS.invalidRequest, UNREADABLE);
}

/** The answer for what a refusal (or, without one, a fault of ours) stands for; the latter is written down. */
export function errorAnswer(error: unknown, refusal: RelayError | undefined, log: Log, context: object) {
  if (!refusal) log.error({ ...context, err: error }, 'request failed');
  else if (refusal.status >= 500) log.warn({ ...context, err: error }, 'request refused');
  const { status, code, message } = refusal ?? { status: 500, ...INTERNAL_ERROR };
  return { status, body: { error: { code, message } } satisfies z.infer<typeof relayErrorSchema> };
}

/** The answers of a JSON route: the good one, and the uniform refusal for every other status. */
export function withErrors<Schema extends z.ZodType>(schema: Schema) {
  return { 200: schema, '4xx': relayErrorSchema, '5xx': relayErrorSchema } as const;
}
