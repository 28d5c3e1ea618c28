/** Who calls: what a request brought along, and the caller as the kind that the table of access.ts let pass. */
import { refusals } from './errors.ts';

export type Caller =
  | { kind: 'customer'; authUserId: string }
  | { kind: 'staff'; authUserId: string }
  | { kind: 'kiosk'; authUserId: string; kioskId: string };

export type Kiosk = Extract<Caller, { kind: 'kiosk' }>;
type Staff = Extract<Caller, { kind: 'staff' }>;

/** What came with the request: a caller, nothing, or something that was not accepted. */
export type Credentials = Caller | 'none' | 'rejected' | 'unverifiable';

/** @throws RelayError unauthorized without a caller (the table refuses it before) */
export function callerOf(credentials: Credentials): Caller {
  if (typeof credentials === 'string') throw refusals.unauthorized();
  return credentials;
}

/** @throws RelayError forbidden for any other kind (the table refuses it before) */
export function staffOf(credentials: Credentials): Staff {
  const caller = callerOf(credentials);
  if (caller.kind !== 'staff') throw refusals.forbidden();
  return caller;
}

/** @throws RelayError forbidden for any other kind (the table refuses it before) */
export function kioskOf(credentials: Credentials): Kiosk {
  const caller = callerOf(credentials);
  if (caller.kind !== 'kiosk') throw refusals.forbidden();
  return caller;
}
