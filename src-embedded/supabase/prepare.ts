/**
 * From an empty cluster to a migrated database, at each start: waits for Postgres with back-off, makes what a Supabase
 * project has, sets the passwords of the login roles, applies the migrations.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from '../../src-runtime/log.ts';
import { type Backoff, backoffMs } from '../../src-shared/retry.ts';
import { isConnectionError } from './database.ts';
import { bootstrapDatabase, type MigrationReport, migrateDatabase, setLoginPasswords } from './migrate.ts';

export interface PrepareOptions {
  adminUrl: string;
  loginPassword: string;
  /** Password of the role `postgres`, owner of the database. */
  ownerPassword: string;
  migrationsDir: string;
  log: Logger;
  signal: AbortSignal;
}

const RETRY: Backoff = { firstMs: 25, longestMs: 200 };

/**
 * Resolves when the database is ready for the API.
 * @throws Error when a migration fails, the password is refused or `signal` is aborted
 */
export async function prepareDatabase(options: PrepareOptions): Promise<MigrationReport> {
  const client = await connectWhenThere(options);
  try {
    await bootstrapDatabase(client);
    await setLoginPasswords(client, {
      authenticator: options.loginPassword,
      supabase_auth_admin: options.loginPassword,
      postgres: options.ownerPassword,
    });
    return await migrateDatabase(
      client,
      options.migrationsDir,
      join(options.migrationsDir, '..', 'seed.sql'),
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function connectWhenThere({ adminUrl, log, signal }: PrepareOptions): Promise<Client> {
  for (let failures = 1; ; failures += 1) {
    const client = new Client({ connectionString: adminUrl, application_name: 'embedded-supabase-prepare' });
    client.on('error', (error) => log.warn({ err: error }, 'lost the database connection while preparing'));
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (!isConnectionError(error)) throw error;
    }
    await delay(backoffMs(RETRY, failures), undefined, { signal });
  }
}
