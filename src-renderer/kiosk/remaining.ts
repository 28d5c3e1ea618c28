/** The time to show in the top bar: of the talk, of the receipt, else of the wallet; null when there is none to show. */
import type { VisitSnapshot } from '../../src-shared/visit.ts';

export function remainingSecondsOf(
  snapshot: Pick<VisitSnapshot, 'screen' | 'talk' | 'receipt' | 'wallet'>,
): number | null {
  if (snapshot.screen === 'talk') return snapshot.talk?.remainingSeconds ?? null;
  if (snapshot.screen === 'receipt') return snapshot.receipt?.remainingSeconds ?? null;
  return snapshot.wallet?.availableSeconds ?? null;
}
