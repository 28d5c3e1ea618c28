/** Answers the preload's four calls; the one place where the page reaches Electron. */
import { app, BrowserWindow, type IpcMainInvokeEvent, ipcMain, screen } from 'electron';
import { HOST_CALLS, type HostCall, mayCallHost } from './policies.ts';

export interface HostCallOptions {
  stationOrigin: string;
  /** Stops the children, then ends the process. */
  quit(): Promise<void>;
}

/** Registers the calls; each is refused unless it comes from the station's page (policies.ts). */
export function answerHostCalls(options: HostCallOptions): void {
  const answers: Record<HostCall, (event: IpcMainInvokeEvent) => unknown> = {
    print: (event) => print(event),
    exit: () => options.quit(),
    restart: async () => {
      app.relaunch();
      await options.quit();
    },
    display: () => {
      const { size, scaleFactor } = screen.getPrimaryDisplay();
      return { ...size, scaleFactor };
    },
  };
  for (const call of HOST_CALLS) {
    ipcMain.handle(`host:${call}`, (event) => {
      const frame = event.senderFrame;
      const sender = {
        url: frame?.url ?? '',
        isMainFrame: frame !== null && frame === event.sender.mainFrame,
      };
      if (!mayCallHost(sender, options.stationOrigin)) throw new Error('refused');
      return answers[call](event);
    });
  }
}

function print(event: IpcMainInvokeEvent): Promise<void> {
  const window = BrowserWindow.fromWebContents(event.sender);
  return new Promise((resolve, reject) => {
    window?.webContents.print({ silent: true, printBackground: false }, (ok, reason) =>
      ok ? resolve() : reject(new Error(reason)),
    );
  });
}
