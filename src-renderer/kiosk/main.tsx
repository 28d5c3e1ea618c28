/** Entry of the customer page. */
import '@fontsource-variable/atkinson-hyperlegible-next/wght.css';
import '../components/tokens.css';
import '../components/base.css';
import { setLogLevel } from 'livekit-client';
import { createRoot } from 'react-dom/client';
import { config } from 'zod';
import { startWords } from '../i18n/index.ts';
import { lockDown } from './frame/lock-down.ts';
import { KioskApp } from './KioskApp.tsx';
import { createStationLink } from './station/trpc-link.ts';
import { createTalkEngine } from './talk/livekit-engine.ts';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
// The station forbids code made from text, which zod would try for speed.
config({ jitless: true });
// Its lines name rooms and people.
setLogLevel('warn');
lockDown(document);
await startWords('en');
createRoot(root).render(<KioskApp link={createStationLink()} makeTalkEngine={createTalkEngine} />);
