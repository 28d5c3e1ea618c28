/**
 * The project as it is deployed: supabase/config.toml, the functions and the migrations through Supabase's own command
 * line, word for word as docs/fleet.md and docs/operating.md have it. What needs Supabase itself (login, link, Docker)
 * is not run here; the functions go to a stand-in for its management API, which keeps what the deployer sends.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { portsFrom } from '../../../src-shared/ports.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { FUNCTIONS } from '../../support/fleet/fleet.ts';
import {
  type ManagementApi,
  PROJECT_REF,
  runProgram,
  type SupabaseCli,
  startManagementApi,
  supabaseCli,
  type TcpDoor,
  tcpDoorTo,
  unpack,
} from '../../support/fleet/supabase-cli.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const DENO = join(ROOT, 'node_modules/.bin/deno');
const CHECK_TIMEOUT_MS = 300_000;
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const config = read('supabase/config.toml');

/** What the guides have people type, less `npx supabase`. */
const typed = ['docs/fleet.md', 'docs/operating.md'].flatMap((guide) =>
  [...read(guide).matchAll(/^ *npx supabase (.+)$/gm)].map(([, words]) => words ?? ''),
);

/** Needs Supabase itself, or a login there. */
const NOT_RUN_HERE = [
  'login',
  'link --project-ref <ref>',
  'migration list --remote',
  'config diff',
  'config push',
  'secrets set --env-file ../fleet-secrets.env',
];
const DEPLOY = 'functions deploy --use-api';
const DRY_RUN = 'db push --dry-run --remote';
const PUSH = 'db push --include-seed --remote';
const LINT = 'db lint --schema public,app --fail-on warning --remote';

it('tries every command of the guides that can be tried here', () => {
  expect([...new Set(typed)].sort()).toEqual([...NOT_RUN_HERE, DEPLOY, DRY_RUN, PUSH, LINT].sort());
});

describe('config.toml', () => {
  it('has a section for every function, each of which checks its caller itself, and none for another', () => {
    const sections = [...config.matchAll(/^\[functions\.([\w-]+)\]\nverify_jwt = false$/gm)];
    expect(sections.map(([, name]) => name)).toEqual([...FUNCTIONS].sort());
    expect(config.match(/^\[functions\./gm)).toHaveLength(FUNCTIONS.length);
  });

  it('takes ports of its own, clear of the product’s', () => {
    const ports = [...config.matchAll(/^\w*port = (\d+)$/gm)].map(([, port]) => Number(port));
    expect(ports.length).toBeGreaterThanOrEqual(6);
    expect(new Set(ports).size).toBe(ports.length);
    for (const port of ports) {
      expect(Object.values(portsFrom(8000))).not.toContain(port);
      expect(port).toBeGreaterThanOrEqual(55_320);
      expect(port).toBeLessThanOrEqual(55_329);
    }
  });

  it('lets nobody sign in anonymously, as nothing in the product does', () => {
    expect(config).toContain('enable_anonymous_sign_ins = false');
    const sources = readdirSync(ROOT, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\./.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
      .filter((path) => /^(src-|supabase\/functions)/.test(path));
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.filter((path) => read(path).includes('signInAnonymously'))).toEqual([]);
  });

  it('has mails of a 6-digit code and no link', () => {
    expect(config).toContain('otp_length = 6');
    const templates = [...config.matchAll(/^content_path = "\.\/(.+)"$/gm)].map(([, path]) => path ?? '');
    expect(templates.sort()).toEqual(
      readdirSync(join(ROOT, 'supabase/templates')).map((name) => `supabase/templates/${name}`),
    );
    for (const path of templates) {
      expect(read(path)).toContain('{{ .Token }}');
      expect(read(path)).not.toMatch(/href|ConfirmationURL|TokenHash|SiteURL/);
    }
  });
});

describe('functions deploy', () => {
  let api: ManagementApi;
  let cli: SupabaseCli;

  beforeAll(async () => {
    api = await startManagementApi();
    cli = await supabaseCli(api.url);
  });
  afterAll(async () => {
    await cli?.stop();
    await api?.stop();
  });

  it('sends every function with its own deno.json, all it imports, and no check of the gateway', async () => {
    const { exitCode, stderr } = await cli.run(...DEPLOY.split(' '), `--remote=${PROJECT_REF}`, '--yes');
    expect([exitCode, stderr.split('\n').filter((line) => /WARN|deprecated|Skipping/i.test(line))]).toEqual([
      0,
      [],
    ]);
    expect([...api.deployed.keys()].sort()).toEqual([...FUNCTIONS].sort());
    for (const [name, { metadata, files }] of api.deployed) {
      const folder = `supabase/functions/${name}`;
      expect(metadata).toMatchObject({
        entrypoint_path: `${folder}/index.ts`,
        import_map_path: `${folder}/deno.json`,
        verify_jwt: false,
      });
      expect([...files.keys()]).toEqual(
        expect.arrayContaining([`${folder}/index.ts`, `${folder}/deno.json`]),
      );
      expect([...files.keys()].filter((path) => /\.test\.|\.env/.test(path))).toEqual([]);
    }
  });

  it('has the same deno.json in each folder, which leaves the packages to the deployer', () => {
    const texts = FUNCTIONS.map((name) => read(`supabase/functions/${name}/deno.json`));
    expect(new Set(texts).size).toBe(1);
    // A node_modules folder is not sent: with this set the deployed function finds no package.
    expect(texts[0]).not.toContain('nodeModulesDir');
  });

  it.for(FUNCTIONS)(
    'resolves every import of %s from what was sent alone',
    { timeout: CHECK_TIMEOUT_MS },
    async (name) => {
      const deployed = api.deployed.get(name);
      if (!deployed) throw new Error(`${name} was not deployed`);
      // In one place each time: Deno knows there what it has checked before (5 s for each function, else 1).
      const dir = join(ROOT, 'out/deployed', name);
      await rm(dir, { recursive: true, force: true });
      await unpack(deployed, dir);
      const cwd = join(dir, 'supabase/functions', name);
      // Packages come from the registry, or from Deno's own store when they were fetched before.
      const env = { ...process.env, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' };
      const { exitCode, stderr } = await runProgram(DENO, ['check', 'index.ts'], { cwd, env });
      expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, '']);
    },
  );
});

describe.for([17, 15] as const)('the database on Postgres %i', (version) => {
  let database: TestDatabase;
  let door: TcpDoor;
  let cli: SupabaseCli;
  let databaseUrl: string;
  /** The command with the database of the test in the place of the linked project's. */
  const onDatabase = (command: string) => command.replace(/--remote$/, `--remote=${databaseUrl}`).split(' ');

  beforeAll(async () => {
    database = await startTestDatabase({ version, migrations: false });
    // A new project has none; the embedded one keeps its own list there.
    await database.admin.query('drop schema supabase_migrations cascade');
    const password = randomBytes(16).toString('hex');
    await database.admin.query(`alter role postgres password '${password}'`);
    door = await tcpDoorTo(database.connection);
    cli = await supabaseCli();
    const { database: name } = database.connection;
    databaseUrl = `postgresql://postgres:${password}@127.0.0.1:${door.port}/${name}?sslmode=disable`;
  });
  afterAll(async () => {
    await cli?.stop();
    await door?.stop();
    await database?.stop();
  });

  const migrations = () =>
    readdirSync(join(ROOT, 'supabase/migrations')).filter((name) => name.endsWith('.sql'));
  const packages = async () =>
    (
      await database.asRole({ role: 'anon' }, (client) =>
        client.query('select public.list_packages() as list'),
      )
    ).rows;

  it('is shown what would be applied, and nothing is', async () => {
    const { exitCode, stderr } = await cli.run(...onDatabase(DRY_RUN));
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('DRY RUN')]);
    for (const name of migrations()) expect(stderr).toContain(name);
    const { rows } = await database.admin.query(`select to_regclass('public.users') as users`);
    expect(rows).toEqual([{ users: null }]);
  });

  it('gets every migration and the price list, once', async () => {
    const pushed = await cli.run(...onDatabase(PUSH), '--yes');
    expect([pushed.exitCode, pushed.exitCode === 0 ? '' : pushed.stderr]).toEqual([0, '']);
    expect((await packages())[0].list).toHaveLength(5);
    const again = await cli.run(...onDatabase(PUSH), '--yes');
    expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('up to date') });
    const { rows } = await database.admin.query('select version from supabase_migrations.schema_migrations');
    expect(rows).toHaveLength(migrations().length);
  });

  // The lint is an extension that comes with Debian's server, not with the embedded one.
  it.runIf(version === 15)('is found without a fault by the lint', async () => {
    if (!existsSync('/usr/lib/postgresql/15/lib/plpgsql_check.so')) {
      throw new Error('Install Debian’s package "postgresql-15-plpgsql-check".');
    }
    // On Supabase the owner may do this himself.
    await database.admin.query('create extension plpgsql_check');
    const linted = await cli.run(...onDatabase(LINT));
    expect([linted.exitCode, linted.exitCode === 0 ? '' : linted.stdout]).toEqual([0, '']);
  });
});
