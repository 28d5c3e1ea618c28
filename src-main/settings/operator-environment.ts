/** The operator's variables: `.env` of the project, and over it the environment of the process. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { projectDir } from '../paths.ts';
import { asWritten } from './as-written.ts';

/**
 * All set variables; an empty one of the process does not hide that of the file.
 * @throws Error when there is a `.env` that can't be read: a start without it would be another product
 */
export function operatorEnvironment(
  file = join(projectDir(), '.env'),
  env: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  return { ...readEnvFile(file), ...asWritten(env) };
}

function readEnvFile(file: string): Record<string, string> {
  try {
    return asWritten(parse(decoded(readFileSync(file))));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Error(`${file} can't be read (${(error as Error).message}): give its reader the right to`);
  }
}

/** Text with the mark at its beginning gone; Windows' editor writes UTF-16 where it says “Unicode”. */
function decoded(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}
