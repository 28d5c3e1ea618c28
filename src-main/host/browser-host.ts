/**
 * The browser host: starts the station and opens Chromium in kiosk mode where there is a display, else prints the
 * address. `--headless --json` prints one line of JSON when ready.
 */
import type { ChildProcess } from 'node:child_process';
import { findChromium, hasDisplay, openKioskWindow } from '../chromium/kiosk-window.ts';
import { onEndAsked } from '../commands/end-asked.ts';
import type { Options } from '../commands/options.ts';
import { BROWSER_PACKAGES, ensureDebianPackages } from '../setup/debian-packages.ts';
import { type Progress, terminalProgress } from '../setup/progress.ts';
import { type Development, type RunningStation, startStation } from './start-station.ts';

/** Where words for the person at the terminal go: stdout is the one line of JSON where that is asked for. */
export function progressFor(options: Pick<Options, 'json'>): Progress {
  return terminalProgress(options.json ? process.stderr : process.stdout);
}

/**
 * Starts the station and its window, and resolves when all is well or what is not was named. It then runs until a
 * signal or the window's end, which end the process.
 */
export async function serve(options: Options, development?: Development): Promise<RunningStation> {
  const progress = progressFor(options);
  const station = await startStation(options, progress, development);
  let window: ChildProcess | undefined;
  let stopping = false;
  const stop = async (exitCode: number) => {
    if (stopping) return;
    stopping = true;
    window?.kill();
    await station.stop();
    process.exit(exitCode);
  };
  onEndAsked(() => void stop(0));
  const closed = progressOf(options, 'Starting', progress);
  const opening = openWhenServed(options, station, progress, (opened) => {
    if (stopping) opened.kill();
    window = opened;
    opened.once('exit', () => void stop(0));
  });
  const [ready] = await Promise.all([station.ready(), opening]);
  closed();
  if (options.json) {
    process.stdout.write(`${JSON.stringify(ready)}\n`);
    return station;
  }
  sayWhere(station, ready.ui, ready.admin, window !== undefined);
  return station;
}

function progressOf(options: Options, what: string, progress: Progress): () => void {
  if (options.json) return () => undefined;
  return progress.step(what);
}

/** The window comes as soon as there is a page for it; what still starts is shown there. */
async function openWhenServed(
  options: Options,
  station: RunningStation,
  progress: Progress,
  opened: (window: ChildProcess) => void,
): Promise<void> {
  if (options.headless || options.json) return;
  await station.pageReady();
  const window = await openWindow(station, progress);
  if (window) opened(window);
}

async function openWindow(station: RunningStation, progress: Progress): Promise<ChildProcess | undefined> {
  if (!hasDisplay()) return undefined;
  if (!findChromium()) await ensureDebianPackages(BROWSER_PACKAGES, progress);
  const chromium = findChromium();
  if (!chromium) {
    progress.say('No Chromium was found for the kiosk window; open the address below in a browser instead.');
    return undefined;
  }
  return openKioskWindow(chromium, station.launchUrl(), station.plan.dataDir);
}

function sayWhere(station: RunningStation, ui: string, admin: string, hasWindow: boolean): void {
  const { email, password } = station.plan.secrets.admin;
  const lines = [
    'MindBot Kiosk is ready.',
    hasWindow ? '  Screen:  the kiosk window' : `  Screen:  ${ui}   (works once)`,
    `  Admin:   ${admin}`,
    ...(station.plan.parts.supabase ? [`           sign in with ${email} and ${password}`] : []),
    `  Data:    ${station.plan.dataDir}`,
    'Ctrl-C ends it.',
  ];
  console.log(lines.join('\n'));
}
