/** Runs the talk engine as long as the talk screen is up, and hands it each snapshot and wish. */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { usePreferences } from '../frame/preferences.tsx';
import { useVisit } from '../frame/visit-context.tsx';
import { NOT_CONNECTED, type TalkEngine, type TalkState } from './talk-engine.ts';

const NOTHING = () => undefined;

export function useTalkEngine(): { engine: TalkEngine | null; state: TalkState } {
  const { snapshot, link, makeTalkEngine } = useVisit();
  const { volume, muted, typing } = usePreferences();
  const firstWishes = useRef({ volume, muted, typing });
  const [engine, setEngine] = useState<TalkEngine | null>(null);
  useEffect(() => {
    const made = makeTalkEngine(link, firstWishes.current);
    setEngine(made);
    return () => made.close();
  }, [link, makeTalkEngine]);
  useEffect(() => engine?.follow(snapshot.talk), [engine, snapshot.talk]);
  useEffect(() => engine?.wish({ volume, muted, typing }), [engine, volume, muted, typing]);
  const state = useSyncExternalStore(
    engine ? engine.onChange : () => NOTHING,
    engine ? engine.state : () => NOT_CONNECTED,
  );
  return { engine, state };
}
