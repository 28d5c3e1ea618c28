/** Tells the station that somebody is here: at every touch or key, but not more often than it is of use. */
import { useEffect, useRef } from 'react';
import type { VisitIntent, VisitSnapshot } from '../../../src-shared/visit.ts';

const AT_MOST_EVERY_MS = 3_000;

export function useSignsOfLife(snapshot: VisitSnapshot | null, send: (intent: VisitIntent) => void): void {
  const lastMs = useRef(Number.NEGATIVE_INFINITY);
  const someoneIsHere = snapshot !== null && snapshot.screen !== 'attract';
  const asked = snapshot?.stillThere !== null && snapshot?.stillThere !== undefined;
  useEffect(() => {
    if (!someoneIsHere) return;
    const sign = () => {
      const nowMs = performance.now();
      // While the question is up only its own buttons answer it: one of them means "I am done".
      if (asked || nowMs - lastMs.current < AT_MOST_EVERY_MS) return;
      lastMs.current = nowMs;
      send({ type: 'stillHere' });
    };
    const options = { capture: true, passive: true } as const;
    window.addEventListener('pointerdown', sign, options);
    window.addEventListener('keydown', sign, options);
    return () => {
      window.removeEventListener('pointerdown', sign, options);
      window.removeEventListener('keydown', sign, options);
    };
  }, [someoneIsHere, asked, send]);
}
