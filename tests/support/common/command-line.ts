/** The command lines of the long runs (bench, sim, chaos, campaigns): `--help` tells the usage, what is wrong is said in words. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Reads the words of this process. Ends it with the usage on `--help` (0) and on what it does not know (2). */
export function commandLine<Config extends ParseArgsConfig>(
  usage: string,
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  if (process.argv.includes('--help')) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    return refuse(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}

/** A whole number from `least` on. Ends the process when it is none. */
export function wholeNumber(option: string, text: string, least = 1): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(number) || number < least)
    return refuse(`--${option} takes a whole number from ${least} on, not “${text}”`);
  return number;
}

/** Ends the process because of what was typed. */
export function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
