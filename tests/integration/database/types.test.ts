/** The TypeScript of the database is the one that its migrations give. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseTypes, TYPES_FILE } from '../../../tools/database-types/types.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database/database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

it('src-shared/database-types.ts is not stale: else run `npm run types:database`', async () => {
  expect(await databaseTypes(database.admin)).toBe(await readFile(TYPES_FILE, 'utf8'));
});

it('knows null, defaults, allowed texts, and what nobody writes', async () => {
  const copy = await database.copy();
  try {
    await copy.admin.query(`
      create table public.sample (id bigint generated always as identity primary key, at timestamptz not null
        default now(), kind text not null check (kind in ('one', 'two')), note text check (note <> ''));
      create function public.sample(p_id uuid, p_days integer default 3, p_note text default null) returns jsonb
        language sql as 'select null::jsonb'`);
    const text = (await databaseTypes(copy.admin)).replaceAll(/\s+/g, ' ');
    const either = "kind: 'one' | 'two'";
    expect(text).toContain(`sample: { Row: { at: string; id: number; ${either}; note: string | null };`);
    expect(text).toContain(`Insert: { at?: string; ${either}; note?: string | null };`);
    expect(text).toContain('Args: { p_id: string; p_days?: number; p_note?: string | null };');
    await copy.admin.query('alter table public.sample add column place point');
    await expect(databaseTypes(copy.admin)).rejects.toThrow('sample.place: add a line for the type point');
  } finally {
    await copy.stop();
  }
});
