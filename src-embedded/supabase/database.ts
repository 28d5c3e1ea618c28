/**
 * Connections to Postgres. Promise: a request of the REST API runs in one transaction under the role and the claims of
 * its token, never as the login role, and leaves nothing of them on the connection.
 */

import { Client, escapeLiteral, Pool, type PoolClient } from 'pg';
import type { Logger } from '../../src-runtime/log.ts';
import type { VerifiedToken } from './keys.ts';

/** Longest a statement of the API may run, as on Supabase. */
const STATEMENT_TIMEOUT_MS = 8_000;
const CONNECT_TIMEOUT_MS = 5_000;
const REST_CONNECTIONS = 16;
const AUTH_CONNECTIONS = 6;

export interface Databases {
  /** Logs in as `authenticator`. */
  rest: Pool;
  /** Logs in as `supabase_auth_admin`, owner of the schema auth. */
  auth: Pool;
  close(): Promise<void>;
}

/** Pools for the two APIs, to the server and database that `adminUrl` names. Connects when first used. */
export function openDatabases(adminUrl: string, loginPassword: string, log: Logger): Databases {
  const { host, port, database } = new Client({ connectionString: adminUrl });
  const open = (user: string, max: number) => {
    const pool = new Pool({
      host,
      port,
      ...(database === undefined ? {} : { database }),
      user,
      password: loginPassword,
      max,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      pipeline: true,
      application_name: `embedded-supabase-${user}`,
    });
    // An idle connection that breaks (Postgres restarts) is replaced at the next use.
    pool.on('error', (error) => log.warn({ err: error }, 'lost a database connection'));
    return pool;
  };
  const rest = open('authenticator', REST_CONNECTIONS);
  const auth = open('supabase_auth_admin', AUTH_CONNECTIONS);
  return {
    rest,
    auth,
    close: async () => {
      await Promise.all([rest.end(), auth.end()]);
    },
  };
}

/** Runs `work` in a transaction of `pool`; commits when it resolves, rolls back when it throws. */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  begin = 'begin',
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    // A connection whose transaction could not be ended is thrown away with the role it may still have.
    client.release(broken);
  }
}

/**
 * One transaction as the role of `token`, seeing its claims as `request.jwt.claims`. What can be is sent without waiting
 * for the answer before it, since the ways to the server and back are most of a small request; after a statement that
 * fails, the server refuses what was sent behind it.
 * @param isOneStatement `work` sends one statement, at once, and accepts whatever it answers: the commit follows it directly
 */
export async function asRequest<T>(
  pool: Pool,
  token: VerifiedToken,
  readOnly: boolean,
  work: (client: PoolClient) => Promise<T>,
  isOneStatement = false,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const begun = client.query(beginAs(token, readOnly));
    const worked = work(client);
    const ended = isOneStatement ? client.query('commit') : worked.then(() => client.query('commit'));
    const failed = (await Promise.allSettled([begun, worked, ended])).find(
      ({ status }) => status === 'rejected',
    );
    if (failed?.status === 'rejected') throw failed.reason;
    return await worked;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Nothing behind it runs under another role: when a setting fails, so does the transaction. */
function beginAs({ claims, role }: VerifiedToken, readOnly: boolean): string {
  const [claimsText, roleName] = [escapeLiteral(JSON.stringify(claims)), escapeLiteral(role)];
  return `begin${readOnly ? ' read only' : ''};
    select set_config('search_path', 'public, extensions', true), set_config('request.jwt.claims', ${claimsText}, true),
      set_config('role', ${roleName}, true)`;
}

/** True for an error that says that Postgres can't be reached now, rather than that the request was wrong. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  if (/^(ECONN|ENOENT|EPIPE|ETIMEDOUT|EACCES)/.test(code) || /^(08|57P0)/.test(code)) return true;
  return /^Connection terminated|timeout exceeded when trying to connect/.test(error.message);
}
