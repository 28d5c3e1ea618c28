/**
 * `npm run dev`: the station from its sources, for work on them. A saved page file is seen at once, a saved file of a
 * process restarts the processes that it belongs to and no other, `--inspect NAME` starts one with Node's inspector.
 * Takes the options of the start; the log level is debug unless one is set.
 */
import { PROGRAMS, type ProgramName } from '../build/programs.ts';
import { freeLoopbackPort, inspectorAddress, programNamed } from '../dev/inspector.ts';
import { startPageServer } from '../dev/page-server.ts';
import { partsOf } from '../dev/parts-of.ts';
import { Reloader } from '../dev/reloader.ts';
import { watchSources } from '../dev/watch-sources.ts';
import { progressFor, serve } from '../host/browser-host.ts';
import type { RunningStation } from '../host/start-station.ts';
import { projectDir } from '../paths.ts';
import { DEV_HELP, type DevOptions, readDevOptions } from './options.ts';

async function develop(options: DevOptions): Promise<void> {
  process.env['LOG_LEVEL'] ||= 'debug';
  const { say } = progressFor(options);
  const inspected = options.inspect.map(programNamed);
  const inspectPorts = new Map<string, number>();
  for (const name of inspected) inspectPorts.set(name, await freeLoopbackPort());
  const pageServer = await startPageServer(projectDir(), say);
  const station = await serve(options, { pageServer, inspectPorts });
  await watch(station, say);
  for (const [name, port] of inspectPorts) {
    const address = await inspectorAddress(port);
    say(
      address
        ? `Inspector of ${name}: ${address} (chrome://inspect, or attach your editor to 127.0.0.1:${port})`
        : `${name} opened no inspector: is it part of this start?`,
    );
  }
}

async function watch(station: RunningStation, say: (line: string) => void): Promise<void> {
  const running = new Set(station.statuses().map(({ name }) => name));
  const reloader = new Reloader({
    children: (Object.keys(PROGRAMS) as ProgramName[]).filter((name) => running.has(name)),
    partsOf: (name, changed) => partsOf(projectDir(), name, changed),
    restart: (name) => station.restart(name),
    say,
    nowMs: () => performance.now(),
  });
  watchSources(projectDir(), (files) => {
    reloader.changed(files).catch((error: unknown) => say(`Could not reload: ${String(error)}`));
  });
  await reloader.learn();
  say('Watching: a saved page is seen at once, a saved process starts again.');
}

try {
  const options = readDevOptions(process.argv.slice(2));
  if (options.help) console.log(DEV_HELP);
  else await develop(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
