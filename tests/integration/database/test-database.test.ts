/** The harness itself, on both Postgres versions: roles, claims, copies. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../../support/database/database.ts';

describe.each([17, 15] as const)('a test database on Postgres %i', (version) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await startTestDatabase({ version, migrations: false });
    await database.admin.query(`
      create table public.note (owner uuid not null default auth.uid(), text text);
      alter table public.note enable row level security;
      create policy own on public.note using (owner = auth.uid());
      grant select, insert on public.note to authenticated;
      grant select on public.note to service_role`);
  });
  afterAll(() => database?.stop());

  it('is the version asked for', async () => {
    const { rows } = await database.admin.query('select current_setting($1) as v', ['server_version']);
    expect(String(rows[0]?.v)).toMatch(new RegExp(`^${version}\\.`));
  });

  it('sees with the eyes of a user, a stranger and the service role', async () => {
    const ann = await database.createAuthUser({ email: 'ann@example.com', appMetadata: { kind: 'staff' } });
    const bob = await database.createAuthUser();
    await database.asUser(ann, (client) => client.query(`insert into note (text) values ('mine')`));
    const count = async (work: Promise<{ rowCount: number | null }>) => (await work).rowCount;
    expect(await count(database.asUser(ann, (client) => client.query('select * from note')))).toBe(1);
    expect(await count(database.asUser(bob, (client) => client.query('select * from note')))).toBe(0);
    expect(await count(database.asService((client) => client.query('select * from note')))).toBe(1);
    const anonymous = database.asRole({ role: 'anon' }, (client) => client.query('select * from note'));
    await expect(anonymous).rejects.toMatchObject({ code: '42501' });
    const claims = await database.asUser(ann, (client) =>
      client.query(
        `select auth.uid() as id, auth.role() as role, auth.jwt()->'app_metadata'->>'kind' as kind`,
      ),
    );
    expect(claims.rows).toEqual([{ id: ann, role: 'authenticated', kind: 'staff' }]);
  });

  it('copies the database as it was at the start', async () => {
    const copy = await database.copy();
    const { rows } = await copy.admin.query(`select to_regclass('public.note') as note, count(*)::int as users
      from auth.users`);
    expect(rows).toEqual([{ note: null, users: 0 }]);
    await copy.stop();
  });
});
