/** What was said before this page was there (earlier talks of the visit, and this one before a reload). */
import { useEffect, useState } from 'react';
import { type Backoff, pause, retried } from '../../../src-shared/retry.ts';
import type { Caption } from '../../../src-shared/visit.ts';
import { useVisit } from '../frame/visit-context.tsx';

const RETRY: Backoff = { firstMs: 250, longestMs: 3_000 };
const NOTHING: readonly Caption[] = [];

/** Asks the station once for each talk, again until it answers: snapshots carry no words. */
export function useHistory(talkId: string | null): readonly Caption[] {
  const { link } = useVisit();
  const [history, setHistory] = useState(NOTHING);
  useEffect(() => {
    if (talkId === null) return;
    let left = false;
    retried(() => link.history(talkId), { backoff: RETRY, again: () => !left, wait: pause }).then(
      (captions) => left || setHistory(captions),
      () => undefined,
    );
    return () => {
      left = true;
    };
  }, [link, talkId]);
  return history;
}
