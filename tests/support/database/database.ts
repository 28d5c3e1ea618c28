/**
 * A real Postgres database for integration tests, bootstrapped like a Supabase project and (unless told otherwise)
 * migrated and seeded. Promise: nobody else sees it, it is reached over a private socket only, and `stop()` removes
 * every trace.
 *
 *   const database = await startTestDatabase();            // in beforeAll; stop() in afterAll
 *   const userId = await database.createAuthUser({ email: 'a@example.com' });
 *   const rows = await database.asUser(userId, (client) => client.query('select * from public.users'));
 */
import { randomUUID } from 'node:crypto';
import { Pool, type PoolClient } from 'pg';
import { connectionUrl, type PostgresConnection } from '../../../src-embedded/postgres/cluster.ts';
import { sharedCluster } from './shared-clusters.ts';
import { BARE, MIGRATED, startTestCluster, type TestCluster, withClient } from './test-cluster.ts';

export interface TestDatabaseOptions {
  /** 17: the embedded binaries. 15: Debian's `postgresql-15`. */
  version?: 17 | 15;
  /** False: only the bootstrap, for tests with their own tables. */
  migrations?: boolean;
  /** True: a cluster of its own, where a commit is on the disk before it is answered, as in the product; for benches. */
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
  /** One more fresh database in the same cluster, as this one was before the first test. */
  copy(): Promise<TestDatabase>;
  stop(): Promise<void>;
}

/** Gives a fresh database: in the cluster of this test worker, or in one of its own where there are no workers. */
export async function startTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { version = 17, durable = false } = options;
  const template = options.migrations === false ? BARE : MIGRATED;
  const shared = durable ? undefined : await sharedCluster(version);
  if (shared) return copyOf(shared, template, async () => undefined);
  const own = await startTestCluster({ version, durable });
  try {
    return await copyOf(own.cluster, template, own.stop);
  } catch (error) {
    await own.stop();
    throw error;
  }
}

/** A database made from `template`; its `stop` drops it, then calls `close`. */
async function copyOf(
  cluster: TestCluster,
  template: string,
  close: () => Promise<void>,
): Promise<TestDatabase> {
  const database = `test_${randomUUID().replaceAll('-', '')}`;
  const maintain = (sql: string) =>
    withClient({ ...cluster.connection, database: 'template1' }, (client) => client.query(sql));
  // By files: with nothing to sync, much faster than through the write-ahead log.
  await maintain(`create database ${database} template ${template} owner postgres strategy file_copy`);
  const connection = { ...cluster.connection, database };
  const admin = openPool(connection);
  const authenticator = openPool({ ...connection, user: 'authenticator', password: cluster.loginPassword });
  const asRole: TestDatabase['asRole'] = (context, work) => runAs(authenticator, context, work);
  return {
    version: cluster.version,
    admin,
    authenticator,
    connection,
    url: connectionUrl(connection),
    loginPassword: cluster.loginPassword,
    asRole,
    asUser: async (userId, work) => asRole(await claimsOf(admin, userId), work),
    asService: (work) => asRole({ role: 'service_role' }, work),
    createAuthUser: (user = {}) => insertAuthUser(admin, user),
    copy: () => copyOf(cluster, template, async () => undefined),
    stop: async () => {
      await Promise.all([admin.end(), authenticator.end()]);
      await maintain(`drop database ${database} with (force)`);
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
