/**
 * What asks a command to end: a signal, or the end of npm where npm started it. npm gives SIGTERM to a shell that does
 * not hand it on (seen with npm 11 and dash), so a service that runs `npm start` would leave everything behind.
 */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const LOOK_EVERY_MS = 1_000;

/** Calls `end` once, with the signal that came, or SIGTERM for an npm that is gone. */
export function onEndAsked(end: (signal: NodeJS.Signals) => void): void {
  let asked = false;
  const ask = (signal: NodeJS.Signals) => {
    if (!asked) end(signal);
    asked = true;
  };
  for (const signal of SIGNALS) process.on(signal, ask);
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const npm = process.ppid;
  setInterval(() => {
    if (process.ppid !== npm) ask('SIGTERM');
  }, LOOK_EVERY_MS).unref();
}
