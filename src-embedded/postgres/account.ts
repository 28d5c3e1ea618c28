/**
 * Which operating system account Postgres runs as. It refuses to run as root, so as root it gets a system user of its
 * own through `setpriv`. On Linux Postgres is also told to stop when the process that started it is gone, so no
 * database outlives the product.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execFileAsync = promisify(execFile);

/** The system user that is made when the product runs as root. */
export const SYSTEM_USER = 'mindbot-kiosk';

export interface PostgresAccount {
  /** Program and arguments to put before the Postgres program; empty when it can be started as it is. */
  prefix: readonly string[];
  /** Numeric user and group that must own the cluster; undefined when that is the present user. */
  owner: { uid: number; gid: number } | undefined;
}

/** SIGINT is Postgres' fast shutdown: clients are cut off, nothing committed is lost. */
const DIE_WITH_PARENT = ['--pdeathsig', 'INT'];

/**
 * Lets the system user pass through folders it can't enter (a checkout under /root). Programs check their own path
 * with access(2), which ignores capabilities of a changed user unless the fix-up is switched off.
 */
const MAY_TRAVERSE = [
  '--securebits',
  '+no_setuid_fixup',
  '--inh-caps=+dac_read_search',
  '--ambient-caps=+dac_read_search',
];

/** The account for the present user. As root, makes the system user when it doesn't exist yet. */
export async function findAccount(): Promise<PostgresAccount> {
  const onLinux = process.platform === 'linux';
  if (process.getuid?.() !== 0) {
    const hasSetpriv = onLinux && (await runs('setpriv', ['--version']));
    return { prefix: hasSetpriv ? ['setpriv', ...DIE_WITH_PARENT] : [], owner: undefined };
  }
  if (!onLinux) throw new Error('Postgres does not run as root: start the product as an ordinary user.');
  const owner = await findOrMakeSystemUser();
  const identity = ['--reuid', String(owner.uid), '--regid', String(owner.gid), '--clear-groups'];
  return { prefix: ['setpriv', ...DIE_WITH_PARENT, ...identity], owner };
}

/**
 * Makes sure that the account reaches both the programs and the folder of the cluster (which must be its own), and
 * adds the right to traverse foreign folders only when it is needed.
 * @throws Error saying what to do when they can't be reached either way.
 */
export async function reachable(
  account: PostgresAccount,
  binDir: string,
  dir: string,
): Promise<PostgresAccount> {
  if (!account.owner || (await reaches(account.prefix, binDir, dir))) return account;
  const traversing = { ...account, prefix: [...account.prefix, ...MAY_TRAVERSE] };
  if (await reaches(traversing.prefix, binDir, dir)) return traversing;
  throw new Error(
    `The system user ${SYSTEM_USER} (Postgres does not run as root) can't reach ${binDir} or ${dir}. ` +
      'Start the product as an ordinary user, or install it and its data where other users may enter, such as /opt and /var/lib.',
  );
}

async function reaches(prefix: readonly string[], binDir: string, dir: string): Promise<boolean> {
  const [command, ...args] = prefix;
  if (!command) return true;
  const script = 'test -x "$1" && test -r "$2" && test -w "$2" && test -x "$2" && "$1" --version >/dev/null';
  return runs(command, [...args, 'sh', '-c', script, 'sh', join(binDir, 'postgres'), dir]);
}

async function findOrMakeSystemUser(): Promise<{ uid: number; gid: number }> {
  const known = await lookUp();
  if (known) return known;
  const options = ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent'];
  try {
    await execFileAsync('useradd', [...options, '--shell', '/usr/sbin/nologin', SYSTEM_USER]);
  } catch (error) {
    // Two processes may make the user at once: the loser finds it made.
    const made = await lookUp();
    if (made) return made;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Postgres does not run as root, and the system user ${SYSTEM_USER} could not be made. Start the product as an ordinary user. (${reason.trim()})`,
      { cause: error },
    );
  }
  const made = await lookUp();
  if (!made) throw new Error(`The system user ${SYSTEM_USER} was made but can't be found.`);
  return made;
}

async function lookUp(): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const uid = await execFileAsync('id', ['-u', SYSTEM_USER]);
    const gid = await execFileAsync('id', ['-g', SYSTEM_USER]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function runs(command: string, args: readonly string[]): Promise<boolean> {
  try {
    await execFileAsync(command, [...args]);
    return true;
  } catch {
    return false;
  }
}
