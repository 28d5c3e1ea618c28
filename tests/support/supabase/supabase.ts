/**
 * The embedded Supabase as a real process over a test database, for tests that speak to it with supabase-js.
 *
 *   const supabase = await startTestSupabase();            // migrated and seeded; { migrations: false } for neither
 *   const client = supabase.client();                      // anon key; supabase.service() for the service role
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { startTestDatabase, type TestDatabase, type TestDatabaseOptions } from '../database/database.ts';
import { freePort } from '../processes/free-port.ts';

const MAIN = fileURLToPath(new URL('../../../src-embedded/supabase/main.ts', import.meta.url));
const MIGRATIONS_DIR = fileURLToPath(new URL('../../../supabase/migrations/', import.meta.url));
const START_TIMEOUT_MS = 30_000;

export interface TestSupabase {
  url: string;
  anonKey: string;
  serviceRoleKey: string;
  database: TestDatabase;
  /** Folder where mails appear as `.eml` files. */
  mailDir: string;
  instance: string;
  /** What the process wrote to stderr so far. */
  output(): string;
  /** A fresh client with the anon key and a session of its own, kept in memory. */
  client(): SupabaseClient;
  /** A client with the service role key. */
  service(): SupabaseClient;
  /** Signs claims with the project's key, to make tokens that Auth never would. */
  sign(claims: Record<string, unknown>): Promise<string>;
  stop(): Promise<void>;
}

/** Starts cluster and server; takes about two seconds. */
export async function startTestSupabase(
  options: TestDatabaseOptions & { keyForm?: KeyForm } = {},
): Promise<TestSupabase> {
  const database = await startTestDatabase(options);
  const dataDir = await mkdtemp(join(tmpdir(), 'mindbot-supabase-'));
  let child: ChildProcess | undefined;
  const stop = async () => {
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise<void>((resolve) => child?.once('exit', () => resolve()));
      child.kill('SIGTERM');
      await ended;
    }
    await database.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const keys = await makeKeys(options.keyForm);
    const url = `http://127.0.0.1:${await freePort()}`;
    const instance = randomUUID();
    const emptyDir = join(dataDir, 'none', 'migrations');
    await mkdir(emptyDir, { recursive: true });
    child = spawn(process.execPath, [MAIN], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        PORT: new URL(url).port,
        MINDBOT_DATA_DIR: dataDir,
        MINDBOT_INSTANCE_ID: instance,
        ENVIRONMENT: 'test',
        LOG_LEVEL: 'warn',
        DATABASE_URL_ADMIN: database.url,
        AUTHENTICATOR_PASSWORD: database.loginPassword,
        POSTGRES_PASSWORD: randomBytes(16).toString('hex'),
        SUPABASE_JWT_PRIVATE_JWK: keys.privateJwk,
        SUPABASE_ANON_KEY: keys.anonKey,
        SUPABASE_SERVICE_ROLE_KEY: keys.serviceRoleKey,
        SUPABASE_PUBLIC_URL: url,
        MIGRATIONS_DIR: options.migrations === false ? emptyDir : MIGRATIONS_DIR,
      },
    });
    let output = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000);
    });
    await untilHealthy(url, child, () => output);
    const connect = (key: string) =>
      createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false } });
    return {
      url,
      anonKey: keys.anonKey,
      serviceRoleKey: keys.serviceRoleKey,
      database,
      mailDir: join(dataDir, 'mail'),
      instance,
      output: () => output,
      client: () => connect(keys.anonKey),
      service: () => connect(keys.serviceRoleKey),
      sign: keys.sign,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** API keys as Supabase makes them today (`sb_publishable_…`, `sb_secret_…`), or as it did before (JWTs). */
export type KeyForm = 'opaque' | 'jwt';

/** A fresh signing key and the two API keys that go with it. */
export async function makeKeys(form: KeyForm = 'jwt') {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const kid = randomUUID();
  const privateJwk = JSON.stringify({ ...(await exportJWK(privateKey)), kid, alg: 'ES256' });
  const sign = (claims: Record<string, unknown>) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid, typ: 'JWT' }).sign(privateKey);
  const tokenFor = (role: string) => sign({ iss: 'supabase', role, iat: 1_700_000_000, exp: 4_000_000_000 });
  const wordFor = (kind: string) => `sb_${kind}_${randomBytes(24).toString('base64url')}`;
  return {
    privateJwk,
    sign,
    anonKey: form === 'jwt' ? await tokenFor('anon') : wordFor('publishable'),
    serviceRoleKey: form === 'jwt' ? await tokenFor('service_role') : wordFor('secret'),
  };
}

async function untilHealthy(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const health = await fetch(`${url}/health`).then(
      (response) => response.json() as Promise<{ status?: string }>,
      () => undefined,
    );
    if (health?.status === 'ok') return;
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`The embedded Supabase did not start: ${JSON.stringify(health)}\n${output()}`);
    }
    await delay(20);
  }
}
