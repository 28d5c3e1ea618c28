/** Fetches the report, again every minute while somebody looks, and whenever asked. Keeps the last one on a failure. */
import { useCallback, useEffect, useState } from 'react';
import type { TodayReport } from '../../src-shared/database.ts';
import { type AdminClient, type Fault, faultOf } from './client.ts';

const REFRESH_MS = 60_000;

export function useReport(client: AdminClient, timeZone: string, onEnded: () => void) {
  const [report, setReport] = useState<TodayReport | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  const refresh = useCallback(() => {
    setBusy(true);
    client
      .todayReport(timeZone)
      .then((next) => {
        setReport(next);
        setFault(null);
      })
      .catch((error: unknown) => {
        const found = faultOf(error);
        setFault(found);
        if (found === 'signedOut') onEnded();
      })
      .finally(() => setBusy(false));
  }, [client, timeZone, onEnded]);
  useEffect(() => {
    refresh();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') refresh();
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [refresh]);
  return { report, fault, busy, refresh };
}
