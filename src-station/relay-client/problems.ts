/** What a failed call to the relay means for the customer. */
import { RELAY_ERRORS } from '../../src-shared/relay-api.ts';
import type { ProblemCode } from '../../src-shared/visit.ts';
import { RelayFault } from './relay-call.ts';

const BY_CODE: Readonly<Record<string, ProblemCode>> = {
  [RELAY_ERRORS.codeNotAccepted]: 'code_not_accepted',
  [RELAY_ERRORS.tooManyTries]: 'too_many_tries',
  [RELAY_ERRORS.databaseUnavailable]: 'database_unreachable',
  [RELAY_ERRORS.stripeUnavailable]: 'payments_unreachable',
  [RELAY_ERRORS.readerUnavailable]: 'reader_offline',
  [RELAY_ERRORS.readerBusy]: 'reader_busy',
  [RELAY_ERRORS.payHereUnavailable]: 'payments_unreachable',
};

/** @param whenUnreachable what is out of reach for the customer when the relay does not answer */
export function problemCodeOf(error: unknown, whenUnreachable: ProblemCode): ProblemCode {
  if (!(error instanceof RelayFault)) return 'something_went_wrong';
  const known = Object.hasOwn(BY_CODE, error.code) ? BY_CODE[error.code] : undefined;
  if (known) return known;
  return error.kind === 'unreachable' ? whenUnreachable : 'something_went_wrong';
}
