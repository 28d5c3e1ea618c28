/** Time on hand and how old that knowledge is, as the screens show it. */
import type { VisitSnapshot } from '../../../src-shared/visit.ts';

/** The time to show in the top bar: of the talk, of the receipt, else of the wallet; null when there is none to show. */
export function remainingSecondsOf(
  snapshot: Pick<VisitSnapshot, 'screen' | 'talk' | 'receipt' | 'wallet'>,
): number | null {
  if (snapshot.screen === 'talk') return snapshot.talk?.remainingSeconds ?? null;
  if (snapshot.screen === 'receipt') return snapshot.receipt?.remainingSeconds ?? null;
  return snapshot.wallet?.availableSeconds ?? null;
}

/** When the wallet was last read, while it can't be read now; null while it is fresh. Server time, ISO 8601. */
export function staleSinceOf(snapshot: Pick<VisitSnapshot, 'wallet' | 'services'>): string | null {
  const { talk, activate } = snapshot.services;
  const isAway = [talk, activate].some((service) => !service.ok && service.reason === 'database_unreachable');
  return isAway ? (snapshot.wallet?.asOf ?? null) : null;
}
