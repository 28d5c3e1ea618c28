/** The Electron host. Reads as the list of what it does; each line's policy has its own file. */
import { join } from 'node:path';
import { app } from 'electron';
import { onEndAsked } from '../commands/end-asked.ts';
import { readOptions, wordsAfterElectron } from '../commands/options.ts';
import { startStation } from '../host/start-station.ts';
import { terminalProgress } from '../setup/progress.ts';
import { answerHostCalls } from './host-calls.ts';
import { openKioskWindow } from './kiosk-window.ts';
import { originOf } from './policies.ts';

/** electron-vite puts this file into out/main. */
const OUT_DIR = join(import.meta.dirname, '..');

async function main(): Promise<void> {
  if (!app.requestSingleInstanceLock()) {
    app.exit(0);
    return;
  }
  app.enableSandbox();
  const options = readOptions(wordsAfterElectron(process.argv, app.isPackaged));
  await app.whenReady();
  const station = await startStation(options, terminalProgress(process.stdout));
  const url = station.launchUrl();
  let quitting = false;
  const quit = async () => {
    if (quitting) return;
    quitting = true;
    await station.stop();
    app.exit(0);
  };
  answerHostCalls({ stationOrigin: originOf(url), quit });
  onEndAsked(() => void quit());
  app.on('before-quit', (event) => {
    event.preventDefault();
    void quit();
  });
  app.on('window-all-closed', () => void quit());
  await station.pageReady();
  openKioskWindow(station.launchUrl(), OUT_DIR, {
    isDevelopment: process.argv.includes('--dev'),
    payHere: station.plan.keys.stripePublishable !== '',
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  app.exit(1);
});
