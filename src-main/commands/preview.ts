/** `npm run preview`: every screen of the kiosk and the desk, drawn from canned snapshots; a saved file is seen at once. */
import { hasDisplay } from '../chromium/kiosk-window.ts';
import { startPageServer } from '../dev/page-server.ts';
import { projectDir } from '../paths.ts';

const GALLERY = '/preview/gallery.html';

try {
  const { url } = await startPageServer(projectDir(), console.log, hasDisplay() ? GALLERY : undefined);
  console.log(`The gallery of screens: ${url}${GALLERY}\nCtrl-C ends it.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
