/** Draws any state of the desk without a station: `?screen=today`. For looking only; the build leaves it out. */
import '@fontsource-variable/atkinson-hyperlegible-next/wght.css';
import '../../components/tokens.css';
import '../../components/base.css';
import '../desk.css';
import { createRoot } from 'react-dom/client';
import { AdminApp } from '../AdminApp.tsx';
import type { AdminClient } from '../client.ts';
import { DESK_SCREENS, reportOf } from './reports.ts';

const name = new URLSearchParams(location.search).get('screen') ?? 'today';
const screen = DESK_SCREENS.find((each) => each === name);
if (!screen) throw new Error(`no screen of the desk is called ${name}`);

const STAFF = { email: 'admin@kiosk.local' };
const client: AdminClient = {
  me: () => Promise.resolve(screen === 'signIn' ? null : STAFF),
  signIn: () => Promise.resolve(STAFF),
  signOut: () => Promise.resolve(),
  todayReport: () => {
    const report = reportOf(screen);
    return report ? Promise.resolve(report) : Promise.reject(new Error('out of reach'));
  },
};

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
createRoot(root).render(<AdminApp client={client} />);
