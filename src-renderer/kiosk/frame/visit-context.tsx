/** The snapshot being drawn and the way to answer it, for every screen below. */
import { createContext, useContext } from 'react';
import type { VisitIntent, VisitSnapshot } from '../../../src-shared/visit.ts';
import type { StationLink } from '../station/link.ts';
import type { TalkEngineFactory } from '../talk/talk-engine.ts';

export interface Visit {
  snapshot: VisitSnapshot;
  /** A request is on its way or being carried out: buttons show progress. */
  busy: boolean;
  send(intent: VisitIntent): void;
  link: StationLink;
  makeTalkEngine: TalkEngineFactory;
}

export const VisitContext = createContext<Visit | null>(null);

export function useVisit(): Visit {
  const visit = useContext(VisitContext);
  if (!visit) throw new Error('useVisit needs a VisitContext above it');
  return visit;
}
