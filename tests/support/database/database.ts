/**
 * A real Postgres for integration tests: its own cluster in a temporary folder, bootstrapped like a Supabase project
 * and (unless told otherwise) migrated and seeded. Promise: it listens on a private socket only, dies with the test
 * process, and `stop()` removes every trace.
 *
 *   const database = await startTestDatabase();            // in beforeAll; stop() in afterAll
 *   const userId = await database.createAuthUser({ email: 'a@example.com' });
 *   const rows = await database.asUser(userId, (client) => client.query('select * from public.users'));
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Pool, type PoolClient } from 'pg';
import {
  connectionUrl,
  type PostgresConnection,
  type PreparedCluster,
  prepareCluster,
} from '../../../src-embedded/postgres/cluster.ts';
import {
  bootstrapDatabase,
  migrateDatabase,
  setLoginPasswords,
} from '../../../src-embedded/supabase/migrate.ts';
import { binDirFor, type RunningCluster, runCluster } from './cluster.ts';

const SUPABASE_DIR = fileURLToPath(new URL('../../../supabase/', import.meta.url));

export interface TestDatabaseOptions {
  /** 17: the embedded binaries. 15: Debian's `postgresql-15`. */
  version?: 17 | 15;
  /** False: only the bootstrap, for tests with their own tables. */
  migrations?: boolean;
  /** False: the migrations without `supabase/seed.sql`. */
  seed?: boolean;
  /** True: a commit is on the disk before it is answered, as in the product; for benches. */
  durable?: boolean;
}

export interface RoleContext {
  role: 'anon' | 'authenticated' | 'service_role';
  /** Claims of the JWT; `role` is added. */
  claims?: Record<string, unknown>;
}

export interface NewAuthUser {
  /** Absent: an anonymous user. */
  email?: string;
  appMetadata?: Record<string, unknown>;
  userMetadata?: Record<string, unknown>;
}

export interface TestDatabase {
  /** Major version of the server. */
  version: number;
  /** Superuser `supabase_admin`. */
  admin: Pool;
  /** Logs in as `authenticator`, as the API does. */
  authenticator: Pool;
  /** How the superuser connects; `url` is the same as one string (what `DATABASE_URL_ADMIN` takes). */
  connection: PostgresConnection;
  url: string;
  /** Password of `authenticator` and `supabase_auth_admin` (what `AUTHENTICATOR_PASSWORD` takes). */
  loginPassword: string;
  /** One transaction with the role and claims of a request; committed when `work` resolves, else rolled back. */
  asRole<T>(context: RoleContext, work: (client: PoolClient) => Promise<T>): Promise<T>;
  /** `asRole` for a signed-in user: role authenticated, `sub`, and the user's own metadata as claims. */
  asUser<T>(userId: string, work: (client: PoolClient) => Promise<T>): Promise<T>;
  /** `asRole` for the service role. */
  asService<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;
  /** Adds a row to auth.users and returns its id. */
  createAuthUser(user?: NewAuthUser): Promise<string>;
  /** A fresh database in the same cluster, as it was before the first test. `stop()` of a copy drops only the copy. */
  copy(): Promise<TestDatabase>;
  stop(): Promise<void>;
}

const TEMPLATE = 'mindbot_template';

/** Starts a cluster and prepares its database. Takes about a second. */
export async function startTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const dir = await mkdtemp(join(tmpdir(), 'mindbot-test-'));
  let server: RunningCluster | undefined;
  try {
    const cluster = await prepareCluster({
      dir,
      superuserPassword: randomBytes(16).toString('hex'),
      // Nothing in these folders outlives the test, and the machine's disk is shared.
      settings: options.durable ? {} : { fsync: 'off' },
      ...binDirFor(options.version ?? 17),
    });
    server = await runCluster(cluster);
    const loginPassword = randomBytes(16).toString('hex');
    await prepareDatabase(cluster.connection, loginPassword, options);
    const running = server;
    return openDatabase(cluster, cluster.connection, loginPassword, async () => {
      await running.stop();
      await rm(dir, { recursive: true, force: true });
    });
  } catch (error) {
    await server?.stop();
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

async function prepareDatabase(
  connection: PostgresConnection,
  loginPassword: string,
  options: TestDatabaseOptions,
): Promise<void> {
  await withClient(connection, async (client) => {
    await bootstrapDatabase(client);
    await setLoginPasswords(client, { authenticator: loginPassword, supabase_auth_admin: loginPassword });
    if (options.migrations === false) return;
    const seedFile = options.seed === false ? undefined : join(SUPABASE_DIR, 'seed.sql');
    await migrateDatabase(client, join(SUPABASE_DIR, 'migrations'), seedFile);
  });
  // A template must have no visitor, so it is copied before the pools open.
  await withClient({ ...connection, database: 'template1' }, (client) =>
    client.query(`create database ${TEMPLATE} template ${connection.database} owner postgres`),
  );
}

async function withClient<T>(
  connection: PostgresConnection,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client(connection);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function openDatabase(
  cluster: PreparedCluster,
  connection: PostgresConnection,
  loginPassword: string,
  close: () => Promise<void>,
): TestDatabase {
  const admin = openPool(connection);
  const authenticator = openPool({ ...connection, user: 'authenticator', password: loginPassword });
  const asRole: TestDatabase['asRole'] = (context, work) => runAs(authenticator, context, work);
  return {
    version: cluster.version,
    admin,
    authenticator,
    connection,
    url: connectionUrl(connection),
    loginPassword,
    asRole,
    asUser: async (userId, work) => asRole(await claimsOf(admin, userId), work),
    asService: (work) => asRole({ role: 'service_role' }, work),
    createAuthUser: (user = {}) => insertAuthUser(admin, user),
    copy: async () => {
      const database = `copy_${randomUUID().replaceAll('-', '')}`;
      const maintenance = { ...cluster.connection, database: 'template1' };
      await withClient(maintenance, (client) =>
        client.query(`create database ${database} template ${TEMPLATE} owner postgres`),
      );
      return openDatabase(cluster, { ...cluster.connection, database }, loginPassword, async () => {
        await withClient(maintenance, (client) => client.query(`drop database ${database} with (force)`));
      });
    },
    stop: async () => {
      await Promise.all([admin.end(), authenticator.end()]);
      await close();
    },
  };
}

function openPool(connection: PostgresConnection): Pool {
  const pool = new Pool({ ...connection, max: 16 });
  // A test that stops the server under a pool expects errors in its queries, not an uncaught one.
  pool.on('error', () => undefined);
  return pool;
}

async function runAs<T>(
  pool: Pool,
  context: RoleContext,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const claims = JSON.stringify({ ...context.claims, role: context.role });
    await client.query(`select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)`, [
      context.role,
      claims,
    ]);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

interface AuthUserRow {
  email: string | null;
  is_anonymous: boolean;
  raw_app_meta_data: Record<string, unknown>;
  raw_user_meta_data: Record<string, unknown>;
}

async function claimsOf(admin: Pool, userId: string): Promise<RoleContext> {
  const { rows } = await admin.query<AuthUserRow>(
    'select email, is_anonymous, raw_app_meta_data, raw_user_meta_data from auth.users where id = $1',
    [userId],
  );
  const user = rows[0];
  if (!user) throw new Error(`There is no user ${userId}.`);
  return {
    role: 'authenticated',
    claims: {
      sub: userId,
      aud: 'authenticated',
      email: user.email ?? '',
      is_anonymous: user.is_anonymous,
      app_metadata: user.raw_app_meta_data,
      user_metadata: user.raw_user_meta_data,
    },
  };
}

async function insertAuthUser(admin: Pool, user: NewAuthUser): Promise<string> {
  const { rows } = await admin.query<{ id: string }>(
    `insert into auth.users (email, email_confirmed_at, is_anonymous, raw_app_meta_data, raw_user_meta_data)
     values ($1::text, case when $1::text is null then null else now() end, $1::text is null, $2, $3) returning id`,
    [user.email ?? null, user.appMetadata ?? {}, user.userMetadata ?? {}],
  );
  const id = rows[0]?.id;
  if (!id) throw new Error('The user was not added.');
  return id;
}
