/** The kiosk window: full screen, sandboxed, and held to policies.ts by every hook Electron offers. */
import { join } from 'node:path';
import { BrowserWindow, type Session, session } from 'electron';
import { isBlockedKey, mayHavePermission, mayNavigate, mayNavigateFrame, originOf } from './policies.ts';

/** Its own profile in memory: nothing of a customer outlives the process. */
const PARTITION = 'kiosk';
const RELOAD_AFTER_CRASH_MS = 500;

/** Opens the window on `url`; `isDevelopment` leaves the frame and the mouse pointer, `payHere` allows card fields. */
export function openKioskWindow(
  url: string,
  outDir: string,
  { isDevelopment, payHere }: { isDevelopment: boolean; payHere: boolean },
): BrowserWindow {
  const stationOrigin = originOf(url);
  const profile = session.fromPartition(PARTITION);
  guardPermissions(profile, stationOrigin);
  const window = new BrowserWindow({
    kiosk: !isDevelopment,
    fullscreen: !isDevelopment,
    frame: isDevelopment,
    width: 1280,
    height: 800,
    show: false,
    backgroundColor: '#101418',
    webPreferences: {
      session: profile,
      preload: join(outDir, 'preload', 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      devTools: isDevelopment,
      spellcheck: false,
      disableDialogs: true,
      navigateOnDragDrop: false,
      autoplayPolicy: 'no-user-gesture-required',
    },
  });
  guardNavigation(window, stationOrigin, payHere);
  guardKeys(window, isDevelopment);
  recoverFromCrash(window);
  window.once('ready-to-show', () => window.show());
  void window.loadURL(url);
  return window;
}

function guardPermissions(profile: Session, stationOrigin: string): void {
  profile.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const mediaTypes = 'mediaTypes' in details ? details.mediaTypes : undefined;
    answer(
      mayHavePermission({ permission, origin: originOf(details.requestingUrl), mediaTypes }, stationOrigin),
    );
  });
  // Without a check handler Electron says yes to `navigator.permissions` and device lists.
  profile.setPermissionCheckHandler((_contents, permission, origin, details) =>
    mayHavePermission(
      { permission, origin: originOf(origin), mediaTypes: details.mediaType ? [details.mediaType] : [] },
      stationOrigin,
    ),
  );
  profile.setDevicePermissionHandler(() => false);
  profile.on('will-download', (event) => event.preventDefault());
}

function guardNavigation(window: BrowserWindow, stationOrigin: string, payHere: boolean): void {
  const { webContents } = window;
  const refuse = (event: { preventDefault(): void; url: string }) => {
    if (!mayNavigate(event.url, stationOrigin)) event.preventDefault();
  };
  webContents.on('will-navigate', refuse);
  const refuseFrame = (event: { preventDefault(): void; url: string; isMainFrame: boolean }) => {
    const may = event.isMainFrame
      ? mayNavigate(event.url, stationOrigin)
      : mayNavigateFrame(event.url, stationOrigin, payHere);
    if (!may) event.preventDefault();
  };
  webContents.on('will-redirect', refuseFrame);
  webContents.on('will-frame-navigate', refuseFrame);
  webContents.on('will-attach-webview', (event) => event.preventDefault());
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

function guardKeys(window: BrowserWindow, isDevelopment: boolean): void {
  window.removeMenu();
  window.webContents.on('context-menu', (event) => event.preventDefault());
  if (isDevelopment) return;
  window.webContents.on('before-input-event', (event, input) => {
    if (isBlockedKey(input)) event.preventDefault();
  });
  // A customer may not close the window; the host does it with `destroy`.
  window.on('close', (event) => event.preventDefault());
}

/** The visit lives in the station, so a crashed or hung page is simply loaded again. */
function recoverFromCrash(window: BrowserWindow): void {
  const reload = () =>
    setTimeout(() => window.isDestroyed() || window.webContents.reload(), RELOAD_AFTER_CRASH_MS);
  window.webContents.on('render-process-gone', reload);
  window.on('unresponsive', () => {
    window.webContents.forcefullyCrashRenderer();
  });
}
