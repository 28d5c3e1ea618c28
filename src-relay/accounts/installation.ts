/**
 * One-box installations have no operator to enrol the kiosk: given its account and the admin's, the relay makes sure
 * that both exist with these passwords and kinds, and goes on trying until the database is there.
 */
import type { SupabaseClient, User } from '@supabase/supabase-js';
import type { z } from 'zod';
import type { Logger } from '../../src-runtime/log.ts';
import type { DeviceAccount } from '../../src-shared/relay-api.ts';
import type { Database } from '../doors/database/database.ts';
import type { adminAccountSchema } from '../environment.ts';

/** The database starts together with us and is there within seconds: the waits grow slowly. */
const FIRST_RETRY_MS = 250;
const RETRY_GROWTH = 1.3;
const LONGEST_RETRY_MS = 30_000;
const USERS_PER_PAGE = 1_000;

export interface AccountParts {
  client: SupabaseClient;
  database: Pick<Database, 'enrolKiosk'>;
  log: Logger;
  kiosk: DeviceAccount | undefined;
  admin: z.infer<typeof adminAccountSchema> | undefined;
}

export interface Accounts {
  /** `ok`, or what is still awaited. */
  check(): string;
  stop(): void;
}

/** Begins at once and answers without waiting. */
export function startAccounts(parts: AccountParts): Accounts {
  let isDone = !parts.kiosk && !parts.admin;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const attempt = async (waitMs: number) => {
    try {
      await ensureAccounts(parts);
      isDone = true;
      parts.log.info('accounts of this installation are in place');
    } catch (error) {
      parts.log.warn({ err: error }, 'accounts could not be made yet, trying again');
      if (!isStopped)
        timer = setTimeout(() => void attempt(Math.min(waitMs * RETRY_GROWTH, LONGEST_RETRY_MS)), waitMs);
    }
  };
  if (!isDone) void attempt(FIRST_RETRY_MS);
  return {
    check: () => (isDone ? 'ok' : 'the kiosk and admin accounts are not made yet: waiting for the database'),
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** Makes or mends both accounts. @throws Error when the database or its Auth is out of reach */
export async function ensureAccounts({ client, database, kiosk, admin }: AccountParts): Promise<void> {
  const kioskReady = async () => {
    if (!kiosk) return;
    const metadata = { kind: 'kiosk', kiosk_id: kiosk.kioskId };
    const userId = await ensureUser(client, kiosk.email, kiosk.password, metadata);
    await database.enrolKiosk(kiosk.kioskId, userId, kiosk.name);
  };
  const adminReady = async () => {
    if (admin) await ensureUser(client, admin.email, admin.password, { kind: 'staff' });
  };
  await Promise.all([kioskReady(), adminReady()]);
}

async function ensureUser(
  client: SupabaseClient,
  email: string,
  password: string,
  appMetadata: Record<string, string>,
): Promise<string> {
  const attributes = { email, password, email_confirm: true, app_metadata: appMetadata };
  // Looked for first: Auth hashes the password of a try to create it, which is most of what this costs at each start.
  const existing = await findUser(client, email);
  const { data, error } = existing
    ? await client.auth.admin.updateUserById(existing.id, attributes)
    : await client.auth.admin.createUser(attributes);
  if (error) throw error;
  return data.user.id;
}

async function findUser(client: SupabaseClient, email: string): Promise<User | undefined> {
  for (let page = 1; ; page += 1) {
    const { data, error } = await client.auth.admin.listUsers({ page, perPage: USERS_PER_PAGE });
    if (error) throw error;
    const found = data.users.find((user) => user.email?.toLowerCase() === email.toLowerCase());
    if (found) return found;
    if (data.users.length < USERS_PER_PAGE) return undefined;
  }
}
