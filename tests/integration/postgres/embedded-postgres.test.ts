/** The embedded cluster on real binaries: made whole, private, durable through kill -9, and like a Supabase project. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  connectionUrl,
  type PreparedCluster,
  prepareCluster,
  probeCluster,
} from '../../../src-embedded/postgres/cluster.ts';
import { processesIn } from '../../../src-embedded/postgres/leftovers.ts';
import { bootstrapDatabase, migrateDatabase } from '../../../src-embedded/supabase/migrate.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database/database.ts';

type Connected = Pick<PreparedCluster, 'connection'>;

let root: string;
let children: ChildProcess[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mindbot-test-'));
  await chmod(root, 0o755);
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(root, { recursive: true, force: true });
});

async function start(cluster: PreparedCluster): Promise<ChildProcess> {
  const child = spawn(cluster.command, cluster.args, { env: cluster.env, stdio: 'ignore' });
  children.push(child);
  await until(() =>
    probeCluster(cluster.connection).then(
      () => true,
      () => false,
    ),
  );
  return child;
}

async function until(condition: () => Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the condition did not come true');
    await delay(20);
  }
}

async function query(cluster: Connected, sql: string): Promise<Record<string, unknown>[]> {
  return withClient(cluster, async (client) => (await client.query(sql)).rows);
}

async function withClient<T>(cluster: Connected, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: connectionUrl(cluster.connection) });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function stop(child: ChildProcess, cluster: PreparedCluster): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  child.kill(cluster.stopSignal);
  return ended;
}

const options = () => ({ dir: join(root, 'database'), superuserPassword: 'first-secret' });

describe('the cluster', () => {
  it('is made, answers over its private socket, keeps its data and stops under its clients', async () => {
    const cluster = await prepareCluster(options());
    const child = await start(cluster);
    await query(cluster, 'create table kept (id int); insert into kept values (7)');
    const idle = new Client(cluster.connection);
    idle.on('error', () => undefined);
    await idle.connect();
    // It would not end at all if it waited for its clients to leave.
    expect(await stop(child, cluster)).toBe(0);
    const again = await prepareCluster(options());
    await start(again);
    expect(await query(again, 'select id from kept')).toEqual([{ id: 7 }]);
    expect((await stat(again.connection.host)).mode & 0o777).toBe(0o700);
    expect((await stat(again.dataDir)).mode & 0o777).toBe(0o700);
  });

  it('keeps what was committed through kill -9, and starts again', async () => {
    const cluster = await prepareCluster(options());
    const child = await start(cluster);
    await query(cluster, 'create table kept (id int); insert into kept values (7)');
    child.kill('SIGKILL');
    const again = await prepareCluster(options());
    expect(await processesIn(again.dataDir)).toEqual([]);
    await start(again);
    expect(await query(again, 'select id from kept')).toEqual([{ id: 7 }]);
  });

  it('asks for the password and listens nowhere else', async () => {
    const cluster = await prepareCluster(options());
    await start(cluster);
    const wrong = { ...cluster.connection, password: 'guess' };
    await expect(probeCluster(wrong)).rejects.toMatchObject({ code: '28P01' });
    const settings = `select current_setting('listen_addresses') as addresses, current_setting('fsync') as fsync,
      current_setting('synchronous_commit') as commit, rolsuper as super from pg_roles where rolname = 'supabase_admin'`;
    expect(await query(cluster, settings)).toEqual([
      { addresses: '', fsync: 'on', commit: 'on', super: true },
    ]);
    const rules = await query(cluster, 'select distinct type, auth_method from pg_hba_file_rules');
    expect(rules).toEqual([{ type: 'local', auth_method: 'scram-sha-256' }]);
  });

  it('refuses a second start in the same folder while the first runs', async () => {
    const cluster = await prepareCluster(options());
    await start(cluster);
    const { clearLeftovers } = await import('../../../src-embedded/postgres/leftovers.ts');
    await expect(clearLeftovers(cluster.dataDir, 100)).rejects.toThrow('already running');
    expect(await readFile(join(cluster.dataDir, 'postmaster.pid'), 'utf8')).toContain(cluster.dataDir);
  });

  it('starts over a lock file whose process number belongs to something else now', async () => {
    const cluster = await prepareCluster(options());
    await writeFile(join(cluster.dataDir, 'postmaster.pid'), `${process.pid}\n${cluster.dataDir}\n`);
    const again = await prepareCluster(options());
    await start(again);
    expect(await query(again, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('throws away a cluster that was half made', async () => {
    const half = join(root, 'database', 'data.new-0badcafe');
    await mkdir(half, { recursive: true });
    await writeFile(join(half, 'PG_VERSION'), '17\n');
    await prepareCluster(options());
    await expect(stat(half)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('lives in a folder too deep for a socket path', async () => {
    const dir = join(root, 'deep'.repeat(20), 'deeper'.repeat(20));
    const cluster = await prepareCluster({ ...options(), dir });
    await start(cluster);
    expect(await query(cluster, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect((await stat(cluster.connection.host)).mode & 0o777).toBe(0o700);
    await rm(cluster.connection.host, { recursive: true });
  });

  it.runIf(process.getuid?.() === 0)('lives in a folder that only root may enter', async () => {
    await chmod(root, 0o700);
    const cluster = await prepareCluster(options());
    const child = await start(cluster);
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
    expect(/^Uid:\t(\d+)/m.exec(status)?.[1]).not.toBe('0');
    // Exactly one capability: to pass through folders (CAP_DAC_READ_SEARCH, bit 2).
    expect(/^CapEff:\t0*(\d+)/m.exec(status)?.[1]).toBe('4');
    expect(await query(cluster, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('ends when the process that started it is killed', async () => {
    const cluster = await prepareCluster(options());
    const script = `require('node:child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: 'ignore' }); setInterval(() => {}, 1000)`;
    const parent = spawn(process.execPath, ['-e', script, cluster.command, ...cluster.args], {
      stdio: 'ignore',
    });
    children.push(parent);
    await until(() =>
      probeCluster(cluster.connection).then(
        () => true,
        () => false,
      ),
    );
    expect(await processesIn(cluster.dataDir)).not.toEqual([]);
    parent.kill('SIGKILL');
    await until(async () => (await processesIn(cluster.dataDir)).length === 0);
  });
});

describe('migrations', () => {
  let database: TestDatabase;
  const copies: TestDatabase[] = [];

  beforeAll(async () => {
    database = await startTestDatabase({ migrations: false });
  });
  afterEach(async () => {
    for (const copy of copies.splice(0)) await copy.stop();
  });
  afterAll(() => database?.stop());

  async function copyOf(): Promise<TestDatabase> {
    const copy = await database.copy();
    copies.push(copy);
    return copy;
  }

  async function migrate(cluster: Connected, files: Record<string, string>, seedSql?: string) {
    const dir = await mkdtemp(join(root, 'migrations-'));
    for (const [name, sql] of Object.entries(files)) await writeFile(join(dir, name), sql);
    const seedFile = join(dir, 'seed.txt');
    if (seedSql !== undefined) await writeFile(seedFile, seedSql);
    return withClient(cluster, async (client) => {
      await bootstrapDatabase(client);
      return migrateDatabase(client, dir, seedFile);
    });
  }

  it('are applied once, in order, as the role postgres, with the seed', async () => {
    const cluster = await copyOf();
    const first = {
      '0001_base.sql': 'create table public.thing (id int primary key)',
      '0002_more.sql': 'alter table public.thing add column name text',
    };
    const seedSql = `insert into public.thing values (1, 'one') on conflict do nothing`;
    expect(await migrate(cluster, first, seedSql)).toEqual({
      applied: ['0001_base.sql', '0002_more.sql'],
      seeded: true,
    });
    expect(await migrate(cluster, first, seedSql)).toEqual({ applied: [], seeded: false });
    const owner = `select tableowner as owner, (select rolsuper from pg_roles where rolname = tableowner) as super
      from pg_tables where tablename = 'thing'`;
    expect(await query(cluster, owner)).toEqual([{ owner: 'postgres', super: false }]);
    expect(await query(cluster, 'select * from public.thing')).toEqual([{ id: 1, name: 'one' }]);
  });

  it('stop the start when one fails, with its file and line, and leave nothing half done', async () => {
    const cluster = await copyOf();
    const files = { '0001_bad.sql': 'create table public.half (id int);\n\nselect nonsense();' };
    await expect(migrate(cluster, files)).rejects.toThrow(/0001_bad\.sql line 3 failed: .*nonsense.*42883/);
    expect(await query(cluster, `select to_regclass('public.half') as half`)).toEqual([{ half: null }]);
    const superuserOnly = { '0001_power.sql': 'alter system set work_mem = 1' };
    await expect(migrate(cluster, superuserOnly)).rejects.toThrow('0001_power.sql');
    const commits = { '0001_commit.sql': 'commit; begin; create table public.half (id int)' };
    await expect(migrate(cluster, commits)).rejects.toThrow('must not begin or commit');
  });

  it('refuse a migration that was changed after it was applied, and a name without a version', async () => {
    const cluster = await copyOf();
    await migrate(cluster, { '0001_base.sql': 'create table public.thing (id int)' });
    await expect(
      migrate(cluster, { '0001_base.sql': 'create table public.thing (id bigint)' }),
    ).rejects.toThrow(/0001_base\.sql was changed/);
    await expect(migrate(cluster, { 'base.sql': 'select 1' })).rejects.toThrow('base.sql');
  });

  it('refuse a database of another version of the product, and leave it as it is', async () => {
    const cluster = await copyOf();
    // The list before the schema was folded began with these.
    const old = {
      '20261123000100_wallets_kiosks_and_tiers.sql': 'create table public.thing (id int primary key)',
      '20261123000200_cards_purchases_and_ledger.sql': 'insert into public.thing values (1)',
    };
    await migrate(cluster, old);
    const ours = { '20261128000100_callers_and_wallets.sql': 'drop table public.thing' };
    await expect(migrate(cluster, ours)).rejects.toThrow(
      /holds the migration 20261123000100_wallets_kiosks_and_tiers and 1 more, .*Nothing was changed/,
    );
    expect(await query(cluster, 'select id from public.thing')).toEqual([{ id: 1 }]);
    expect(await migrate(cluster, { ...old, ...ours })).toMatchObject({ applied: Object.keys(ours) });
  });

  it('may hang triggers on auth.users, reference it, and get no grants for free', async () => {
    const cluster = await copyOf();
    const sql = `
      create table public.users (id uuid primary key references auth.users (id) on delete cascade);
      create function public.add_user() returns trigger language plpgsql security definer set search_path = ''
        as $$ begin insert into public.users values (new.id); return new; end $$;
      create trigger add_user after insert on auth.users for each row execute function public.add_user();`;
    await migrate(cluster, { '0001_users.sql': sql });
    await query(
      cluster,
      `set role supabase_auth_admin; insert into auth.users (email) values ('a@example.com')`,
    );
    expect(await query(cluster, 'select count(*)::int as n from public.users')).toEqual([{ n: 1 }]);
    const grants = `select role, has_table_privilege(role, 'public.users', 'select') as public,
        has_table_privilege(role, 'auth.users', 'select') as auth
      from unnest(array['anon', 'authenticated', 'service_role']) role`;
    expect(await query(cluster, grants)).toEqual(
      ['anon', 'authenticated', 'service_role'].map((role) => ({ role, public: false, auth: false })),
    );
    await query(cluster, `set role supabase_auth_admin; delete from auth.users`);
    expect(await query(cluster, 'select count(*)::int as n from public.users')).toEqual([{ n: 0 }]);
  });
});
