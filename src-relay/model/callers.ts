/** The caller of a route as the kind that the table of authorization.ts already let pass. */
import type { Caller, Credentials } from '../doors/credentials.ts';
import { refusals } from './errors.ts';

/** @throws RelayError unauthorized without a caller (the table refuses it before) */
export function callerOf(credentials: Credentials): Caller {
  if (typeof credentials === 'string') throw refusals.unauthorized();
  return credentials;
}

/** @throws RelayError forbidden for any other kind (the table refuses it before) */
export function staffOf(credentials: Credentials): Extract<Caller, { kind: 'staff' }> {
  const caller = callerOf(credentials);
  if (caller.kind !== 'staff') throw refusals.forbidden();
  return caller;
}

/** @throws RelayError forbidden for any other kind (the table refuses it before) */
export function kioskOf(credentials: Credentials): Extract<Caller, { kind: 'kiosk' }> {
  const caller = callerOf(credentials);
  if (caller.kind !== 'kiosk') throw refusals.forbidden();
  return caller;
}
