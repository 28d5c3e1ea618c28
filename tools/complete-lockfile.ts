/**
 * Adds the lock file's entries for other systems' binary packages where npm left them out: it writes none for an
 * optional package that the registry could not show when the lock was made, and then `npm ci` refuses the whole file as
 * out of sync. Run it after changing dependencies: `node tools/complete-lockfile.ts`. Versions come from the packages
 * that ask for them, all pinned; a system that needs such a package fetches it then.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { projectDir } from '../src-main/paths.ts';

const entrySchema = z.looseObject({
  version: z.string().optional(),
  dev: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
const lockSchema = z.looseObject({ packages: z.record(z.string(), entrySchema) });

const SYSTEMS = ['darwin', 'win32', 'linux', 'android', 'freebsd', 'openharmony', 'sunos', 'aix'];
const PROCESSORS = ['x64', 'arm64', 'ia32', 'arm', 's390x', 'ppc64', 'riscv64', 'wasm32'];

interface Platform {
  os: string[];
  cpu: string[];
  /** Absent where the name says nothing of a C library. */
  libc?: string[];
}

/** What a binary package needs, as its name says; null when it names no system and processor. */
function platformOf(name: string): Platform | null {
  const words = name.split(/[/-]/).map((word) => (word === 'windows' ? 'win32' : word));
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  if (os.length === 0 || cpu.length === 0) return null;
  // Without it npm would fetch the other C library's package too, which may be large.
  return { os, cpu, ...(words.includes('musl') ? { libc: ['musl'] } : {}) };
}

const file = join(projectDir(), 'package-lock.json');
const lock = lockSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
const added: string[] = [];
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    const platform = platformOf(name);
    if (lock.packages[place] || !platform || !/^\d/.test(version)) continue;
    lock.packages[place] = { version, ...(entry.dev ? { dev: true } : {}), optional: true, ...platform };
    added.push(`${name}@${version}`);
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')),
);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added.length} added\n${added.join('\n')}\n`);
