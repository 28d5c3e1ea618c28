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

export const DEV_HELP = `npm run dev: the station from its sources; saved files take effect at once

  npm run dev -- --inspect relay  with Node's inspector of a process (again for more than one)
  and the options of npm start:

${HELP}`;

export interface DevOptions extends Options {
  /** Names of processes, as they were typed. */
  inspect: string[];
}

const START_OPTIONS = {
  headless: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  browser: { type: 'boolean', default: false },
  sources: { type: 'boolean', default: false },
  lan: { type: 'boolean', default: false },
  'lan-address': { type: 'string' },
  data: { type: 'string' },
  'port-base': { type: 'string', default: String(DEFAULT_PORT_BASE) },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @throws Error with a message for the person who typed it */
export function readOptions(argv: readonly string[]): Options {
  return optionsOf(parseArgs({ args: [...argv], options: START_OPTIONS }).values);
}

/**
 * The options of `npm run dev`: those of the start and its own. It runs from sources in the browser host.
 * @throws Error with a message for the person who typed it
 */
export function readDevOptions(argv: readonly string[]): DevOptions {
  const inspect = { type: 'string', multiple: true, default: [] as string[] } as const;
  const { values } = parseArgs({ args: [...argv], options: { ...START_OPTIONS, inspect } });
  return { ...optionsOf(values), browser: true, sources: true, inspect: values.inspect };
}

type StartValues = ReturnType<typeof parseArgs<{ options: typeof START_OPTIONS }>>['values'];

function optionsOf(values: StartValues): Options {
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
