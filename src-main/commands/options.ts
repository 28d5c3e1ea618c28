/** The command line of `npm start -- …`. */
import { parseArgs } from 'node:util';
import { DEFAULT_PORT_BASE, portsFrom } from '../../src-shared/ports.ts';
import type { LanWish } from '../host/lan.ts';

export interface Options {
  /** No window: serve, print the address. */
  headless: boolean;
  /** One JSON line when ready instead of words (implies no progress on stdout). */
  json: boolean;
  /** Browser host even where Electron could run. */
  browser: boolean;
  /** Processes run from their TypeScript sources instead of being built first. */
  sources: boolean;
  /** Checkout and claim page are opened to phones in the same network. */
  lan: LanWish | undefined;
  dataDir: string | undefined;
  portBase: number;
  help: boolean;
}

export const HELP = `MindBot Kiosk

  npm start                       kiosk window when there is a display, else the address is printed
  npm start -- --headless         no window
  npm start -- --headless --json  one JSON line when ready (for tools and tests)
  npm start -- --data DIR         another data directory
  npm start -- --port-base N      all ports in N … N+99 (default ${DEFAULT_PORT_BASE})
  npm start -- --lan              phones in the same network reach checkout and claim page of the demo
                                  (--lan-address A: on this address of the machine)
  npm start -- --browser          Chromium instead of Electron
  npm start -- --sources          run the processes from their sources, unbuilt (for work on them)
  npm run doctor                  check this machine and say what to do
`;

/** Switches that Electron's command line may carry for Electron (or, `--dev`, for its window), not for the station. */
const ELECTRON_SWITCHES = /^--(inspect(-brk)?(=.*)?|no-sandbox|dev)$/;

/** What is left of Electron's command line for `readOptions`: without the program, the application's folder, switches. */
export function wordsAfterElectron(argv: readonly string[], isPackaged: boolean): string[] {
  const words = argv.slice(1).filter((word) => !ELECTRON_SWITCHES.test(word));
  return isPackaged ? words : words.slice(1);
}

/** @throws Error with a message for the person who typed it */
export function readOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      headless: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      browser: { type: 'boolean', default: false },
      sources: { type: 'boolean', default: false },
      lan: { type: 'boolean', default: false },
      'lan-address': { type: 'string' },
      data: { type: 'string' },
      'port-base': { type: 'string', default: String(DEFAULT_PORT_BASE) },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.data === '') throw new Error('--data needs the name of a directory');
  const address = values['lan-address'];
  const portBase = Number(values['port-base']);
  portsFrom(portBase);
  return {
    headless: values.headless,
    json: values.json,
    browser: values.browser,
    sources: values.sources,
    lan: values.lan || address !== undefined ? { address } : undefined,
    dataDir: values.data,
    portBase,
    help: values.help,
  };
}
