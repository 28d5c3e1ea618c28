/**
 * The whole of what the page can ask of Electron: four calls. No channel names, no events, no Node. In the browser host
 * `window.mindbotHost` is absent and the page does without.
 */
import { contextBridge, ipcRenderer } from 'electron';

/** What the page sees as `window.mindbotHost`. */
export interface MindbotHost {
  /** Prints the present page on the default printer, without a dialog. */
  print(): Promise<void>;
  /** Ends the product after a staff PIN was accepted by the station. */
  exit(): Promise<void>;
  /** Restarts the product, likewise. */
  restart(): Promise<void>;
  /** Size and scale of the display. */
  display(): Promise<{ width: number; height: number; scaleFactor: number }>;
}

const host: MindbotHost = {
  print: () => ipcRenderer.invoke('host:print'),
  exit: () => ipcRenderer.invoke('host:exit'),
  restart: () => ipcRenderer.invoke('host:restart'),
  display: () => ipcRenderer.invoke('host:display'),
};

contextBridge.exposeInMainWorld('mindbotHost', host);
