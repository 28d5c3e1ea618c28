import { expect, it } from 'vitest';
import { embeddedBinDir, readPostgresVersion } from './binaries.ts';

it('says what to do on a platform without an embedded Postgres', () => {
  expect(() => embeddedBinDir('sunos', 'x64')).toThrow('SUPABASE_URL');
});

it('says what is missing where the programs are not', async () => {
  await expect(readPostgresVersion('/nonexistent')).rejects.toThrow('/nonexistent/postgres does not exist');
});

it('knows the version of the embedded programs', async () => {
  expect(await readPostgresVersion(embeddedBinDir())).toBe(17);
});
