/** Installs the Debian packages the embedded parts use, when this system and our rights allow; else says what to type. */
import { existsSync } from 'node:fs';
import type { Progress } from './progress.ts';
import { onPath, runCommand } from './run.ts';

export interface DebianPackage {
  name: string;
  /** Its presence means that the package is there. */
  file: string;
}

export const SPEECH_PACKAGES: readonly DebianPackage[] = [
  { name: 'pocketsphinx', file: '/usr/bin/pocketsphinx_continuous' },
  { name: 'pocketsphinx-en-us', file: '/usr/share/pocketsphinx/model/en-us/en-us/mdef' },
];
export const BROWSER_PACKAGES: readonly DebianPackage[] = [{ name: 'chromium', file: '/usr/bin/chromium' }];
/** Used by the tests alone: the second Postgres version with its lint, and fonts for the screenshots in Arabic. */
export const TEST_PACKAGES: readonly DebianPackage[] = [
  { name: 'postgresql-15', file: '/usr/lib/postgresql/15/bin/postgres' },
  { name: 'postgresql-15-plpgsql-check', file: '/usr/lib/postgresql/15/lib/plpgsql_check.so' },
  { name: 'fonts-noto-core', file: '/usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf' },
];

/** Makes sure of `packages`; gives the names still missing, having said how to mend that. */
export async function ensureDebianPackages(
  packages: readonly DebianPackage[],
  progress: Progress,
): Promise<string[]> {
  const missing = packages.filter(({ file }) => !existsSync(file)).map(({ name }) => name);
  if (missing.length === 0) return [];
  const install = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  const prefix = await privilege();
  if (!onPath('apt-get') || !prefix) {
    progress.say(`Missing: ${missing.join(', ')}. To mend it: sudo ${install}`);
    return missing;
  }
  const done = progress.step(`Installing Debian packages ${missing.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) => {
    const [command = '', ...rest] = [...prefix, 'apt-get', ...args];
    return runCommand(command, rest, { env });
  };
  // The list may be old or empty on a fresh machine; without it nothing is found.
  await apt('update', '-q');
  const result = await apt('install', '-y', '-q', '--no-install-recommends', ...missing);
  done(result.ok ? 'done' : 'failed');
  if (result.ok) return [];
  progress.say(`${lastLine(result.tail)}\nTo mend it: sudo ${install}`);
  return missing;
}

/** How to become root without a question: [] as root, ['sudo', '-n'] where sudo asks nothing, undefined otherwise. */
async function privilege(): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  if (onPath('sudo') && (await runCommand('sudo', ['-n', 'true'])).ok) return ['sudo', '-n'];
  return undefined;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
