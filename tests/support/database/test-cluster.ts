/**
 * A running cluster for tests with two databases to copy from: `BARE` is what a new Supabase project has, `MIGRATED` has
 * the product's migrations and seed too. Promise: it dies with the process that started it, and `stop()` removes its
 * folder.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { type PostgresConnection, prepareCluster } from '../../../src-embedded/postgres/cluster.ts';
import {
  bootstrapDatabase,
  migrateDatabase,
  setLoginPasswords,
} from '../../../src-embedded/supabase/migrate.ts';
import { binDirFor, type RunningCluster, runCluster } from './cluster.ts';

const SUPABASE_DIR = fileURLToPath(new URL('../../../supabase/', import.meta.url));

export const BARE = 'bare_template';
export const MIGRATED = 'migrated_template';

export type PostgresVersion = 17 | 15;

/** What a test needs to know of a cluster; plain data, so that it can be told to another process. */
export interface TestCluster {
  version: number;
  /** The superuser, in the cluster's first database. */
  connection: PostgresConnection;
  /** Password of the roles `authenticator` and `supabase_auth_admin`. Roles belong to the cluster, not to a database. */
  loginPassword: string;
}

export interface StartedCluster {
  cluster: TestCluster;
  stop(): Promise<void>;
}

/**
 * Makes a cluster, starts it and prepares its templates. Takes about a second.
 * `durable`: a commit is on the disk before it is answered, as in the product.
 */
export async function startTestCluster(options: {
  version: PostgresVersion;
  durable?: boolean;
}): Promise<StartedCluster> {
  const dir = await mkdtemp(join(tmpdir(), 'mindbot-test-'));
  let server: RunningCluster | undefined;
  const stop = async () => {
    await server?.stop();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const prepared = await prepareCluster({
      dir,
      superuserPassword: randomBytes(16).toString('hex'),
      // Nothing in these folders outlives the test, and the machine's disk is shared.
      settings: options.durable ? {} : { fsync: 'off' },
      ...binDirFor(options.version),
    });
    server = await runCluster(prepared);
    const { connection, version } = prepared;
    const loginPassword = randomBytes(16).toString('hex');
    await prepareTemplates(connection, loginPassword);
    return { cluster: { version, connection, loginPassword }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function prepareTemplates(connection: PostgresConnection, loginPassword: string): Promise<void> {
  await withClient(connection, async (client) => {
    await bootstrapDatabase(client);
    await setLoginPasswords(client, { authenticator: loginPassword, supabase_auth_admin: loginPassword });
  });
  // A template must have no visitor, so each is left before it is copied.
  const copy = (from: string, to: string) =>
    withClient({ ...connection, database: 'template1' }, (client) =>
      client.query(`create database ${to} template ${from} owner postgres strategy file_copy`),
    );
  await copy(connection.database, BARE);
  await copy(BARE, MIGRATED);
  await withClient({ ...connection, database: MIGRATED }, (client) =>
    migrateDatabase(client, join(SUPABASE_DIR, 'migrations'), join(SUPABASE_DIR, 'seed.sql')),
  );
}

/** Runs `work` on a connection that is closed afterwards. */
export async function withClient<T>(
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
