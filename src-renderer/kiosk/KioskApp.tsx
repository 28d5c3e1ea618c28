/**
 * The kiosk page: follows the station, draws the screen it names, carries the customer's wishes back. Holds no truth;
 * what stays here between snapshots is only what is being typed and how this customer likes the screen.
 */
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { pause } from '../../src-shared/retry.ts';
import type { Screen, VisitIntent, VisitSnapshot } from '../../src-shared/visit.ts';
import { directionOf, i18n } from '../i18n/index.ts';
import { LinkOverlay, useLinkLost } from './frame/LinkOverlay.tsx';
import { type Preferences, PreferencesProvider } from './frame/preferences.tsx';
import { useSignsOfLife } from './frame/signs-of-life.ts';
import { type Visit, VisitContext } from './frame/visit-context.tsx';
import { StillThere } from './help/StillThere.tsx';
import { SCREENS } from './screens.ts';
import { createIntentSender } from './station/intent-sender.ts';
import type { LinkState, StationLink } from './station/link.ts';
import type { TalkEngineFactory } from './talk/talk-engine.ts';

interface KioskAppProps {
  link: StationLink;
  makeTalkEngine: TalkEngineFactory;
  startPreferences?: Partial<Preferences>;
}

export function KioskApp(props: KioskAppProps) {
  const { link } = props;
  const [snapshot, setSnapshot] = useState<VisitSnapshot | null>(null);
  const [linkState, setLinkState] = useState<LinkState>('connecting');
  useEffect(() => link.follow({ onSnapshot: setSnapshot, onLink: setLinkState }), [link]);
  const lost = useLinkLost(linkState);
  useLanguage(snapshot);
  const { send, sending } = useSender(link, snapshot?.screen);
  useSignsOfLife(snapshot, send);

  const visit = useMemo<Visit | null>(
    () =>
      snapshot && {
        snapshot,
        busy: snapshot.busy || sending,
        send,
        link,
        makeTalkEngine: props.makeTalkEngine,
      },
    [snapshot, sending, send, link, props.makeTalkEngine],
  );
  return (
    <>
      {/* Beneath the cover nothing can be touched, and everything typed stays. */}
      <div inert={lost}>
        {visit && (
          <DrawnVisit visit={visit} {...(props.startPreferences ? { start: props.startPreferences } : {})} />
        )}
      </div>
      {lost && <LinkOverlay state={linkState} />}
    </>
  );
}

function DrawnVisit(props: { visit: Visit; start?: Partial<Preferences> }): ReactNode {
  const { snapshot } = props.visit;
  const Screen = SCREENS[snapshot.screen];
  return (
    <VisitContext.Provider value={props.visit}>
      <PreferencesProvider
        key={snapshot.visitId ?? 'nobody'}
        {...(props.start ? { start: props.start } : {})}
      >
        <Screen key={snapshot.screen} />
        {snapshot.stillThere && snapshot.screen !== 'attract' && <StillThere />}
      </PreferencesProvider>
    </VisitContext.Provider>
  );
}

/** Language and reading direction of the page follow the visit before the eye sees the new screen. */
function useLanguage(snapshot: VisitSnapshot | null) {
  const locale = snapshot?.locale;
  useLayoutEffect(() => {
    if (!locale) return;
    document.documentElement.lang = locale;
    document.documentElement.dir = directionOf(locale);
    void i18n.changeLanguage(locale);
  }, [locale]);
}

/**
 * A screen is busy while the station has not answered what was touched on it, so that one touch is not two. The next
 * screen may be there before that answer, and what is touched on it counts.
 */
function useSender(link: StationLink, screen: Screen | undefined) {
  const [touched, setTouched] = useState<readonly (Screen | undefined)[]>([]);
  const current = useRef(screen);
  current.current = screen;
  const sender = useRef<ReturnType<typeof createIntentSender>>(undefined);
  sender.current ??= createIntentSender({
    deliver: (intent) => link.intent(intent),
    nowMs: () => performance.now(),
    wait: pause,
  });
  const send = useMemo(
    () => (intent: VisitIntent) => {
      const sent = sender.current?.send(intent);
      if (intent.type === 'stillHere') return;
      const on = current.current;
      setTouched((before) => [...before, on]);
      void sent?.finally(() => setTouched((before) => before.toSpliced(before.indexOf(on), 1)));
    },
    [],
  );
  return { send, sending: touched.includes(screen) };
}
