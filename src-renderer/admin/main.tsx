/** Entry of the admin window. */
import '@fontsource-variable/atkinson-hyperlegible-next/wght.css';
import '../components/tokens.css';
import '../components/base.css';
import './desk.css';
import { createRoot } from 'react-dom/client';
import { config } from 'zod';
import { AdminApp } from './AdminApp.tsx';
import { createAdminClient } from './client.ts';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
// The station forbids code made from text, which zod would try for speed.
config({ jitless: true });
createRoot(root).render(<AdminApp client={createAdminClient()} />);
