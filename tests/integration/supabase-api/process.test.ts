/** The embedded Supabase as a process: waits for Postgres, outlives its crash, stops at a broken migration. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  connectionUrl,
  type PreparedCluster,
  prepareCluster,
} from '../../../src-embedded/postgres/cluster.ts';
import { runCluster } from '../../support/database/cluster.ts';
import { freePort } from '../../support/processes/free-port.ts';
import { makeKeys } from '../../support/supabase/supabase.ts';

const MAIN = fileURLToPath(new URL('../../../src-embedded/supabase/main.ts', import.meta.url));

interface Running {
  child: ChildProcess;
  url: string;
  anonKey: string;
  exit: Promise<number | null>;
  output(): string;
}

let root: string;
let migrations: string;
let cluster: PreparedCluster;
const children: ChildProcess[] = [];
const cleanUps: (() => Promise<void>)[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mindbot-test-'));
  migrations = join(root, 'supabase', 'migrations');
  await mkdir(migrations, { recursive: true });
  await writeFile(
    join(migrations, '1_base.sql'),
    'create table public.t (id int primary key); grant select on public.t to anon;',
  );
  cluster = await prepareCluster({ dir: join(root, 'database'), superuserPassword: 'a secret of the test' });
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  await rm(root, { recursive: true, force: true });
});

async function startServer(changes: Record<string, string> = {}): Promise<Running> {
  const keys = await makeKeys();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      MINDBOT_DATA_DIR: root,
      ENVIRONMENT: 'test',
      LOG_LEVEL: 'warn',
      DATABASE_URL_ADMIN: connectionUrl(cluster.connection),
      AUTHENTICATOR_PASSWORD: 'a password for the logins',
      POSTGRES_PASSWORD: 'a password for the owner',
      SUPABASE_JWT_PRIVATE_JWK: keys.privateJwk,
      SUPABASE_ANON_KEY: keys.anonKey,
      SUPABASE_SERVICE_ROLE_KEY: keys.serviceRoleKey,
      SUPABASE_PUBLIC_URL: url,
      MIGRATIONS_DIR: migrations,
      ...changes,
    },
  });
  children.push(child);
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return { child, url, anonKey: keys.anonKey, exit, output: () => output };
}

async function startPostgres(): Promise<{ stop(): Promise<void> }> {
  const running = await runCluster(cluster);
  cleanUps.push(() => running.stop());
  return running;
}

async function until(condition: () => Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the condition did not come true');
    await delay(20);
  }
}

async function health({ url }: Running): Promise<{ status?: string; checks?: Record<string, string> }> {
  const answer = await fetch(`${url}/health`).catch(() => undefined);
  return answer ? ((await answer.json()) as { status?: string }) : {};
}

async function read({ url, anonKey }: Running): Promise<number> {
  const answer = await fetch(`${url}/rest/v1/t`, { headers: { apikey: anonKey } });
  await answer.arrayBuffer();
  return answer.status;
}

it('answers from the start, says what it waits for, and serves when Postgres comes and comes back', async () => {
  const server = await startServer();
  await until(async () => (await health(server)).status === 'degraded');
  expect((await health(server)).checks?.['preparation']).toContain('waiting for Postgres');
  expect(await read(server)).toBe(503);
  const first = await startPostgres();
  await until(async () => (await health(server)).status === 'ok');
  expect(await read(server)).toBe(200);
  await first.stop();
  await until(async () => (await health(server)).status === 'degraded');
  expect(await read(server)).toBe(503);
  cluster = await prepareCluster({ dir: join(root, 'database'), superuserPassword: 'a secret of the test' });
  await startPostgres();
  await until(async () => (await health(server)).status === 'ok');
  expect(await read(server)).toBe(200);
  server.child.kill('SIGTERM');
  expect(await server.exit).toBe(0);
});

it('gives the owner of the database its password, and only over that', async () => {
  const server = await startServer();
  await startPostgres();
  await until(async () => (await health(server)).status === 'ok');
  const owner = new Client({ ...cluster.connection, user: 'postgres', password: 'a password for the owner' });
  await owner.connect();
  const { rows } = await owner.query('select rolsuper as super from pg_roles where rolname = current_user');
  await owner.end();
  expect(rows).toEqual([{ super: false }]);
  const guess = new Client({ ...cluster.connection, user: 'postgres', password: 'guess' });
  await expect(guess.connect()).rejects.toMatchObject({ code: '28P01' });
});

it('stops while it waits', async () => {
  const server = await startServer();
  await until(async () => (await health(server)).status === 'degraded');
  server.child.kill('SIGTERM');
  expect(await server.exit).toBe(0);
});

it('ends with the name of a migration that fails', async () => {
  await writeFile(join(migrations, '2_broken.sql'), 'select 1;\nselekt 2;');
  const server = await startServer();
  await startPostgres();
  expect(await server.exit).toBe(1);
  expect(server.output()).toMatch(/Migration 2_broken\.sql line 2 failed: syntax error/);
});

it('refuses the data of another version of the product, with the command to begin afresh', async () => {
  await startPostgres();
  const earlier = await startServer();
  await until(async () => (await health(earlier)).status === 'ok');
  earlier.child.kill('SIGTERM');
  await earlier.exit;
  await rename(join(migrations, '1_base.sql'), join(migrations, '2_folded.sql'));
  const server = await startServer();
  expect(await server.exit).toBe(1);
  expect(server.output()).toContain('it holds the migration 1_base, which this version does not have');
  expect(server.output()).toContain(`mv "${root}" "${root}.old"`);
});

it('refuses keys that do not belong together, naming the variable', async () => {
  const { anonKey, serviceRoleKey } = await makeKeys();
  const foreign = await startServer({ SUPABASE_ANON_KEY: anonKey });
  expect(await foreign.exit).toBe(1);
  expect(foreign.output()).toContain('SUPABASE_ANON_KEY');
  const missing = await startServer({
    SUPABASE_SERVICE_ROLE_KEY: serviceRoleKey,
    AUTHENTICATOR_PASSWORD: 'short',
  });
  expect(await missing.exit).toBe(1);
  expect(missing.output()).toContain('AUTHENTICATOR_PASSWORD');
});
