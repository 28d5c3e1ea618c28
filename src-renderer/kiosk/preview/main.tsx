/**
 * Draws any screen from a canned snapshot, without a station: `?screen=pay&lang=de&theme=dark&size=150`. A page that
 * goes back, or is given another address (popstate), draws that as a new one does, without the second that loading
 * takes. For looking and for screenshots only; the build leaves it out.
 */
import '@fontsource-variable/atkinson-hyperlegible-next/wght.css';
import '../../components/tokens.css';
import '../../components/base.css';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { LOCALES, screenSchema, type VisitSnapshot } from '../../../src-shared/visit.ts';
import { i18n, startWords } from '../../i18n/index.ts';
import { TEXT_SIZES, THEMES } from '../frame/preferences.tsx';
import { KioskApp } from '../KioskApp.tsx';
import type { StationLink } from '../station/link.ts';
import { NOT_CONNECTED, type TalkEngineFactory } from '../talk/talk-engine.ts';
import { HISTORY, snapshotFor, VARIANTS } from './snapshots.ts';

function snapshotOf(query: URLSearchParams): VisitSnapshot {
  const name = query.get('screen') ?? 'attract';
  const locale = LOCALES.find((each) => each === query.get('lang')) ?? 'en';
  const screen = screenSchema.safeParse(name);
  const snapshot = screen.success ? snapshotFor(screen.data) : VARIANTS[name];
  if (!snapshot) throw new Error(`no screen is called ${name}`);
  return { ...snapshot, locale };
}

const linkTo = (snapshot: VisitSnapshot, isLost: boolean): StationLink => ({
  follow: (listener) => {
    listener.onSnapshot(snapshot);
    listener.onLink(isLost ? 'connecting' : 'open');
    return () => undefined;
  },
  // Told to whoever listens: a test that asks what a screen sends.
  intent: (intent) => {
    document.dispatchEvent(new CustomEvent('preview-intent', { detail: intent }));
    return Promise.resolve();
  },
  heartbeat: () => Promise.resolve(),
  caption: () => Promise.resolve(),
  history: () => Promise.resolve(HISTORY),
  stationCall: () => Promise.resolve({ ok: true, spoken: '', data: {} }),
  commandDone: () => Promise.resolve(),
});

const AGENT_STATES = ['listening', 'thinking', 'speaking'] as const;
type AgentState = (typeof AGENT_STATES)[number];

const engineIn =
  (agentState: AgentState): TalkEngineFactory =>
  () => {
    const state = {
      ...NOT_CONNECTED,
      connection: 'connected' as const,
      agentState,
      microphone: 'on' as const,
    };
    return {
      state: () => state,
      onChange: () => () => undefined,
      follow: () => undefined,
      wish: () => undefined,
      write: () => Promise.resolve(),
      allowSound: () => undefined,
      level: () => 0.45 + 0.25 * Math.sin(performance.now() / 300),
      close: () => undefined,
    };
  };

const container = document.getElementById('root');
if (!container) throw new Error('the page has no #root');
const root = createRoot(container);

async function draw(): Promise<void> {
  const query = new URLSearchParams(location.search);
  const snapshot = snapshotOf(query);
  const agentState = AGENT_STATES.find((each) => each === query.get('agent')) ?? 'listening';
  await i18n.changeLanguage(snapshot.locale);
  flushSync(() =>
    root.render(
      <KioskApp
        key={location.search}
        link={linkTo(snapshot, query.get('link') === 'lost')}
        makeTalkEngine={engineIn(agentState)}
        startPreferences={{
          theme: THEMES.find((each) => each === query.get('theme')) ?? 'system',
          textSize: TEXT_SIZES.find((each) => String(each) === query.get('size')) ?? 100,
        }}
      />,
    ),
  );
  document.dispatchEvent(new Event('preview-drawn'));
}

await startWords('en');
await draw();
addEventListener('popstate', () => void draw());
