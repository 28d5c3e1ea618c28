/**
 * The relay's refusals: one class, one uniform body `{error:{code,message}}`, and words a customer can act on.
 */
import { RELAY_ERRORS } from '../../src-shared/relay-api.ts';

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

export const INTERNAL_ERROR = {
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
