/**
 * Who may call what, in one place. A procedure that is not in the table can be called by nobody. How a caller is
 * recognised (host, origin, cookies) is decided in `gate.ts`; here only what each of them may do.
 */
import type { StaffSession } from './doors.ts';

/** The callers of the page's API. One request may be several: the customer page and, in its own cookie, staff. */
export interface Caller {
  /** Came with the cookie that a launch nonce bought. */
  customer: boolean;
  /** Signed-in staff, by the admin cookie; null for everyone else. */
  staff: StaffSession | null;
}

/** `anyone`: every same-origin page of this station, also one without a cookie (the sign-in itself). */
export type Access = 'customer' | 'staff' | 'anyone';

/** Who may call each procedure; a test compares it with the router. */
export const ACCESS: Readonly<Record<string, Access>> = {
  'visit.snapshot': 'customer',
  'visit.intent': 'customer',
  'talk.heartbeat': 'customer',
  'talk.caption': 'customer',
  'talk.history': 'customer',
  'talk.stationCall': 'customer',
  'talk.commandDone': 'customer',
  'admin.signIn': 'anyone',
  'admin.signOut': 'staff',
  'admin.me': 'anyone',
  'admin.todayReport': 'staff',
};

/** Whether `caller` may call the procedure. Unknown procedures are refused. */
export function mayCall(caller: Caller, procedure: string): boolean {
  const access = Object.hasOwn(ACCESS, procedure) ? ACCESS[procedure] : undefined;
  if (access === 'anyone') return true;
  if (access === 'customer') return caller.customer;
  if (access === 'staff') return caller.staff !== null;
  return false;
}
