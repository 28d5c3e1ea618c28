/**
 * The browser host: starts the station and opens Chromium in kiosk mode where there is a display, else prints the
 * address. `--headless --json` prints one line of JSON when ready.
 */
import type { ChildProcess } from 'node:child_process';
import { findChromium, hasDisplay, openKioskWindow } from '../chromium/kiosk-window.ts';
import { type RunningStation, startStation } from '../host/start-station.ts';
import { BROWSER_PACKAGES, ensureDebianPackages } from '../setup/debian-packages.ts';
import { type Progress, terminalProgress } from '../setup/progress.ts';
import { HELP, type Options, readOptions } from './options.ts';

/** Runs until a signal, the window's end or a fault; gives the exit code. */
async function serve(options: Options): Promise<void> {
  const progress = terminalProgress(options.json ? process.stderr : process.stdout);
  const station = await startStation(options, progress);
  let window: ChildProcess | undefined;
  let stopping = false;
  const stop = async (exitCode: number) => {
    if (stopping) return;
    stopping = true;
    window?.kill();
    await station.stop();
    process.exit(exitCode);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
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
    return;
  }
  sayWhere(station, ready.ui, ready.admin, window !== undefined);
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

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(HELP);
  else await serve(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
