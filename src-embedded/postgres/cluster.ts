/**
 * Makes the embedded Postgres cluster and says how to run it; whoever asks (the supervisor, a test) runs the program
 * as its own child. Promise: a cluster is either whole or not there (it is made beside and renamed), its files are
 * private to one account, and it can be reached only through a private Unix socket with a password.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { findAccount, type PostgresAccount, reachable } from './account.ts';
import { embeddedBinDir, readPostgresVersion } from './binaries.ts';
import { clearLeftovers } from './leftovers.ts';
import { HOST_RULES, settingsText } from './settings.ts';
import { makePrivateDir, SOCKET_PORT, socketDirFor } from './socket.ts';

const execFileAsync = promisify(execFile);

/** The role that owns the cluster, named as on Supabase. */
export const SUPERUSER = 'supabase_admin';

/** The database of the product, named as on Supabase. */
export const DATABASE = 'postgres';

export interface ClusterOptions {
  /** Folder of the cluster, made when missing; it must hold nothing else. */
  dir: string;
  /** Password of the superuser. It is set when the cluster is made and must stay the same afterwards. */
  superuserPassword: string;
  /** Folder with `postgres` and `initdb`; default: the embedded ones. */
  binDir?: string;
  /** Values for postgresql.conf that win over the product's own (tests switch fsync off). */
  settings?: Readonly<Record<string, string>>;
}

export interface PostgresConnection {
  /** Folder of the Unix socket. */
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

export interface PreparedCluster {
  /** What to spawn. It stays in the foreground and logs to stderr. */
  command: string;
  args: string[];
  /** The whole environment of the child; nothing else needs to be inherited. */
  env: Record<string, string>;
  /** Send this to stop it: SIGTERM would wait for every client to leave, SIGINT doesn't and loses nothing. */
  stopSignal: 'SIGINT';
  dataDir: string;
  /** Major version, for example 17. */
  version: number;
  /** How the superuser connects. */
  connection: PostgresConnection;
}

/**
 * Makes the cluster when it is new, clears what a crash left, writes its configuration and returns how to run it.
 * @throws Error saying what to do: no binaries, another version's data, a database already running there.
 */
export async function prepareCluster(options: ClusterOptions): Promise<PreparedCluster> {
  const dir = resolve(options.dir);
  const binDir = options.binDir ?? embeddedBinDir();
  const version = await readPostgresVersion(binDir);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const account = await prepareAccount(binDir, dir);
  const dataDir = join(dir, 'data');
  await removeHalfMade(dir);
  const found = await versionOfData(dataDir);
  if (found === undefined) {
    await makeCluster(binDir, dataDir, version, options.superuserPassword, account);
  } else if (found !== version) {
    throw new Error(
      `The data in ${dataDir} was written by Postgres ${found}, but Postgres ${version} is installed. Restore a backup into a new folder, or install Postgres ${found}.`,
    );
  }
  await clearLeftovers(dataDir);
  const socketDir = socketDirFor(dir);
  await makePrivateDir(socketDir, account.owner);
  const settings = settingsText(socketDir, SOCKET_PORT, options.settings ?? {});
  await writeOwned(join(dataDir, 'postgresql.conf'), settings, account);
  await writeOwned(join(dataDir, 'pg_hba.conf'), HOST_RULES, account);
  const [command = '', ...args] = [...account.prefix, join(binDir, 'postgres'), '-D', dataDir];
  return {
    command,
    args,
    env: childEnvironment(),
    stopSignal: 'SIGINT',
    dataDir,
    version,
    connection: superuserConnection(dir, options.superuserPassword),
  };
}

/** How the superuser reaches the cluster in `dir`, whether it runs or not. */
export function superuserConnection(dir: string, password: string): PostgresConnection {
  return {
    host: socketDirFor(resolve(dir)),
    port: SOCKET_PORT,
    user: SUPERUSER,
    password,
    database: DATABASE,
  };
}

/** Asks the database one real question; resolves when it answers, rejects (within `timeoutMs`) when it doesn't. */
export async function probeCluster(connection: PostgresConnection, timeoutMs = 2_000): Promise<void> {
  const client = new Client({
    ...connection,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    application_name: 'probe',
  });
  // A connection that breaks after the answer must not end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The connection as a URL that `pg` understands; the socket folder stands in the place of the host. */
export function connectionUrl(connection: PostgresConnection): string {
  const { user, password, host, port, database } = connection;
  const part = encodeURIComponent;
  return `postgresql://${part(user)}:${part(password)}@${part(host)}:${port}/${part(database)}`;
}

function childEnvironment(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin', TZ: 'UTC', LC_MESSAGES: 'C' };
}

async function prepareAccount(binDir: string, dir: string): Promise<PostgresAccount> {
  const account = await findAccount();
  if (!account.owner) return account;
  await chown(dir, account.owner.uid, account.owner.gid);
  return reachable(account, binDir, dir);
}

async function makeCluster(
  binDir: string,
  dataDir: string,
  version: number,
  password: string,
  account: PostgresAccount,
): Promise<void> {
  const temporary = `${dataDir}.new-${randomBytes(4).toString('hex')}`;
  const passwordFile = `${temporary}.password`;
  await writeOwned(passwordFile, `${password}\n`, account);
  const locale =
    version >= 17
      ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
      : ['--locale=C.UTF-8'];
  const initdb = [join(binDir, 'initdb'), '--pgdata', temporary, '--username', SUPERUSER, '--encoding=UTF8'];
  const auth = ['--auth=scram-sha-256', '--pwfile', passwordFile];
  const [command = '', ...args] = [...account.prefix, ...initdb, ...locale, ...auth];
  try {
    await execFileAsync(command, args, { env: childEnvironment(), cwd: '/' });
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(`The database could not be made in ${dataDir}: ${output}`, { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(temporary, dataDir);
  await syncDir(join(dataDir, '..'));
}

/** A crash during the making leaves a folder that was never used. */
async function removeHalfMade(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (name.startsWith('data.new-')) await rm(join(dir, name), { recursive: true, force: true });
  }
}

async function versionOfData(dataDir: string): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile(join(dataDir, 'PG_VERSION'), 'utf8'), 10);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeOwned(path: string, text: string, account: PostgresAccount): Promise<void> {
  const temporary = `${path}.tmp`;
  await rm(temporary, { force: true });
  await writeFile(temporary, text, { mode: 0o600, flag: 'wx', flush: true });
  await chmod(temporary, 0o600);
  if (account.owner) await chown(temporary, account.owner.uid, account.owner.gid);
  await rename(temporary, path);
}

async function syncDir(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
