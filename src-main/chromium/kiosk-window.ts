/**
 * The kiosk window of the browser host: Debian's Chromium, full screen, with a profile made new at each start, so that
 * nothing of a customer outlives the window. The station's own origin gets the microphone; nobody gets anything else.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onPath } from '../setup/run.ts';
import { dyingWithParent } from '../supervisor/spawn.ts';

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** What a window needs of our environment: the session and its sound; no setting of the product, so no secret. */
const WINDOW_VARIABLES =
  /^(PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_\w+|DBUS_SESSION_BUS_ADDRESS|PULSE_\w+)$/;

/** A Chromium on this machine, or undefined. */
export function findChromium(): string | undefined {
  for (const name of CHROMIUM_NAMES) {
    const found = onPath(name);
    if (found) return found;
  }
  return undefined;
}

/** True where a window can be shown. */
export function hasDisplay(env: NodeJS.ProcessEnv = process.env): boolean {
  if (process.platform !== 'linux') return true;
  return Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
}

/** Switches of the kiosk window: nothing asks, translates, restores or phones home. */
export function kioskSwitches(options: { profileDir: string; asRoot: boolean }): string[] {
  return [
    '--kiosk',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-features=Translate,MediaRouter',
    '--disable-pinch',
    '--overscroll-history-navigation=0',
    '--disable-session-crashed-bubble',
    '--autoplay-policy=no-user-gesture-required',
    `--user-data-dir=${options.profileDir}`,
    // Chromium refuses to run as root with its sandbox; a kiosk should run as an ordinary user.
    ...(options.asRoot ? ['--no-sandbox'] : []),
  ];
}

const ALLOW = 1;
const BLOCK = 2;

/** Chromium's `Preferences` of a fresh profile: the microphone for `origin` without a question, all else refused. */
export function kioskPreferences(origin: string): object {
  const refused = ['media_stream_mic', 'media_stream_camera', 'geolocation', 'notifications', 'clipboard'];
  return {
    profile: {
      default_content_setting_values: Object.fromEntries(refused.map((name) => [name, BLOCK])),
      content_settings: { exceptions: { media_stream_mic: { [`${origin},*`]: { setting: ALLOW } } } },
    },
    credentials_enable_service: false,
    autofill: { profile_enabled: false, credit_card_enabled: false },
  };
}

/** The part of `env` that the window gets. */
export function windowEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => WINDOW_VARIABLES.test(name)));
}

/** Makes the profile new; gives its folder. */
export function makeProfile(dataDir: string, origin: string): string {
  const profileDir = join(dataDir, 'browser-profile');
  rmSync(profileDir, { recursive: true, force: true });
  mkdirSync(join(profileDir, 'Default'), { recursive: true, mode: 0o700 });
  writeFileSync(join(profileDir, 'Default', 'Preferences'), JSON.stringify(kioskPreferences(origin)));
  return profileDir;
}

/** Opens the window; it ends with us, however we end. */
export function openKioskWindow(chromium: string, url: string, dataDir: string): ChildProcess {
  const profileDir = makeProfile(dataDir, new URL(url).origin);
  const switches = kioskSwitches({ profileDir, asRoot: process.getuid?.() === 0 });
  const [command, args] = dyingWithParent(chromium, [...switches, url], 'TERM');
  return spawn(command, args, { stdio: 'ignore', env: windowEnvironment(process.env) });
}
