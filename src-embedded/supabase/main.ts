/**
 * The embedded Supabase: stands in for a Supabase project when SUPABASE_URL is not set. It brings the embedded Postgres
 * to the product's schema and serves the part of Auth and PostgREST that supabase-js uses. `/health` answers from the
 * start; a migration that fails ends the process with its name.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { runChild } from '../../src-runtime/child.ts';
import { portVariable } from '../../src-runtime/environment.ts';
import { openDatabases } from './database.ts';
import { createKeys } from './keys.ts';
import { ForeignDatabaseError } from './migrate.ts';
import { prepareDatabase } from './prepare.ts';
import { buildServer } from './server.ts';

runChild({
  name: 'supabase',
  logFile: 'embedded-supabase.log',
  environment: z.object({
    PORT: portVariable,
    /** Superuser of the embedded Postgres, over its Unix socket. */
    DATABASE_URL_ADMIN: z.string().startsWith('postgresql://'),
    /** Password that the roles `authenticator` and `supabase_auth_admin` get. */
    AUTHENTICATOR_PASSWORD: z.string().min(16),
    /** Password that the role `postgres`, owner of the database, gets. */
    POSTGRES_PASSWORD: z.string().min(16),
    /** ES256 key with a kid, as JSON. */
    SUPABASE_JWT_PRIVATE_JWK: z.string().min(1),
    SUPABASE_ANON_KEY: z.string().min(1),
    SUPABASE_SERVICE_ROLE_KEY: z.string().min(1),
    SUPABASE_PUBLIC_URL: z.url(),
    MIGRATIONS_DIR: z.string().min(1),
  }),
  async start({ env, log }) {
    const keys = await createKeys(
      env.SUPABASE_JWT_PRIVATE_JWK,
      env.SUPABASE_ANON_KEY,
      env.SUPABASE_SERVICE_ROLE_KEY,
    );
    const databases = openDatabases(env.DATABASE_URL_ADMIN, env.AUTHENTICATOR_PASSWORD, log);
    let preparation = 'waiting for Postgres and the migrations';
    const app = await buildServer({
      keys,
      databases,
      log,
      instance: env.MINDBOT_INSTANCE_ID,
      publicUrl: env.SUPABASE_PUBLIC_URL.replace(/\/+$/, ''),
      mailDir: join(env.MINDBOT_DATA_DIR, 'mail'),
      preparation: () => preparation,
    });
    await app.listen({ host: '127.0.0.1', port: env.PORT });
    const stopping = new AbortController();
    const prepared = prepareDatabase({
      adminUrl: env.DATABASE_URL_ADMIN,
      loginPassword: env.AUTHENTICATOR_PASSWORD,
      ownerPassword: env.POSTGRES_PASSWORD,
      migrationsDir: env.MIGRATIONS_DIR,
      log,
      signal: stopping.signal,
    }).then(
      (report) => {
        preparation = 'ok';
        log.info(report, 'database ready');
      },
      (error: unknown) => {
        if (stopping.signal.aborted) return;
        log.fatal({ err: error }, 'the database could not be prepared');
        process.stderr.write(`supabase: ${failureText(error, env.MINDBOT_DATA_DIR)}\n`);
        process.exit(1);
      },
    );
    return async () => {
      stopping.abort();
      await app.close();
      await prepared;
      await databases.close();
    };
  },
});

/** What a person at the terminal is told; with the command to begin afresh where that is the way on. */
function failureText(error: unknown, dataDir: string): string {
  if (error instanceof ForeignDatabaseError) {
    return `${error.message} To begin afresh, stop the station and run: mv "${dataDir}" "${dataDir}.old"`;
  }
  return error instanceof Error ? error.message : String(error);
}
