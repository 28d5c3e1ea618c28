/** The browser host as a program: what `npm start` runs where there is no Electron, built or from its sources. */
import { serve } from '../host/browser-host.ts';
import { HELP, readOptions } from './options.ts';

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(HELP);
  else await serve(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
