/**
 * What a station that was killed and started again makes of the visit it finds on disk: the same screen for the same
 * person, when hardly any time has passed. A talk was already closed and booked by metering; its receipt is shown,
 * with the way to go on talking.
 */
import { RESUME_WITHIN_MS } from '../../src-shared/limits.ts';
import type { TalkTotals } from '../metering/contract.ts';
import type { VisitContext } from './context.ts';

export interface ResumeInput {
  saved: { visit: VisitContext; savedAtMs: number } | null;
  interrupted: (TalkTotals & { visitId: string; userId: string }) | null;
  settled: boolean;
  /** Wall clock. */
  nowMs: number;
}

/** The visit to go on with, or null; and the purchase that nobody waits for any more, to be cancelled. */
export interface Resumed {
  visit: VisitContext | null;
  abandoned: { purchaseId: string; visitId: string } | null;
}

export function resumeVisit({ saved, interrupted, settled, nowMs }: ResumeInput): Resumed {
  if (!saved?.visit.visitId) return { visit: null, abandoned: null };
  const { visit, savedAtMs } = saved;
  const ageMs = nowMs - savedAtMs;
  // A negative age: the clock was set back, so the real age is not known.
  if (ageMs > RESUME_WITHIN_MS || ageMs < 0) return { visit: null, abandoned: openPurchase(visit) };
  if (visit.screen !== 'talk') return { visit, abandoned: null };
  const abandoned = openPurchase(visit);
  const withoutPurchase = { ...visit, purchase: null };
  if (interrupted?.visitId !== visit.visitId) {
    return { visit: { ...withoutPurchase, screen: visit.wallet ? 'ready' : 'welcome' }, abandoned };
  }
  const remaining = (visit.wallet?.availableSeconds ?? 0) - interrupted.chargedSeconds;
  const receipt = {
    talkId: interrupted.talkId,
    startedAt: new Date(interrupted.startedAtMs).toISOString(),
    endedAt: new Date(interrupted.endedAtMs).toISOString(),
    chargedSeconds: interrupted.chargedSeconds,
    remainingSeconds: Math.max(0, remaining),
    settled,
    endReason: 'station_restarted' as const,
  };
  return { visit: { ...withoutPurchase, screen: 'receipt', receipt }, abandoned };
}

function openPurchase(visit: VisitContext): Resumed['abandoned'] {
  const { purchase, visitId } = visit;
  if (!purchase || !visitId || !['creating', 'pending', 'processing'].includes(purchase.status)) return null;
  return { purchaseId: purchase.purchaseId, visitId };
}
