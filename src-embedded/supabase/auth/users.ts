/** Rows of auth.users: reading, making, changing, and what a client sees of them. */
import type { ClientBase } from 'pg';
import { DatabaseError } from 'pg';
import { AuthError } from './errors.ts';

export interface UserRow {
  id: string;
  aud: string;
  role: string;
  email: string | null;
  encrypted_password: string | null;
  email_confirmed_at: Date | null;
  last_sign_in_at: Date | null;
  banned_until: Date | null;
  raw_app_meta_data: Record<string, unknown>;
  raw_user_meta_data: Record<string, unknown>;
  is_anonymous: boolean;
  created_at: Date;
  updated_at: Date;
}

/** What may be written; absent fields stay as they are. */
export interface UserChanges {
  email?: string;
  encrypted_password?: string;
  email_confirmed_at?: Date | null;
  last_sign_in_at?: Date;
  banned_until?: Date | null;
  raw_app_meta_data?: Record<string, unknown>;
  raw_user_meta_data?: Record<string, unknown>;
  is_anonymous?: boolean;
}

/** Provider fields that GoTrue keeps in app_metadata of an account with an e-mail address. */
export const EMAIL_PROVIDER = { provider: 'email', providers: ['email'] } as const;

/** The user as the API shows it: no hash, no internal column. */
export function publicUser(row: UserRow): Record<string, unknown> {
  return {
    id: row.id,
    aud: row.aud,
    role: row.role,
    email: row.email ?? '',
    phone: '',
    ...(row.email_confirmed_at
      ? { email_confirmed_at: row.email_confirmed_at, confirmed_at: row.email_confirmed_at }
      : {}),
    ...(row.last_sign_in_at ? { last_sign_in_at: row.last_sign_in_at } : {}),
    ...(row.banned_until ? { banned_until: row.banned_until } : {}),
    app_metadata: row.raw_app_meta_data,
    user_metadata: row.raw_user_meta_data,
    created_at: row.created_at,
    updated_at: row.updated_at,
    is_anonymous: row.is_anonymous,
  };
}

export async function findUserById(client: ClientBase, id: string): Promise<UserRow | undefined> {
  const { rows } = await client.query<UserRow>('select * from auth.users where id = $1', [id]);
  return rows[0];
}

export async function findUserByEmail(client: ClientBase, email: string): Promise<UserRow | undefined> {
  const { rows } = await client.query<UserRow>('select * from auth.users where lower(email) = $1', [email]);
  return rows[0];
}

export async function listUsers(
  client: ClientBase,
  page: number,
  perPage: number,
): Promise<{ users: UserRow[]; total: number }> {
  const { rows } = await client.query<UserRow>(
    'select * from auth.users order by created_at desc, id limit $1 offset $2',
    [perPage, (page - 1) * perPage],
  );
  const count = await client.query<{ total: number }>('select count(*)::int as total from auth.users');
  return { users: rows, total: count.rows[0]?.total ?? 0 };
}

/** @throws AuthError `takenCode` (422) when the address is in use; 500 when a trigger of the product refuses the row */
export async function insertUser(
  client: ClientBase,
  changes: UserChanges,
  takenCode: 'user_already_exists' | 'email_exists',
  id?: string,
): Promise<UserRow> {
  const entries = [...Object.entries(changes), ...(id === undefined ? [] : [['id', id] as const])];
  const names = entries.map(([name]) => client.escapeIdentifier(name)).join(', ');
  const places = entries.map((_, index) => `$${index + 1}`).join(', ');
  const text = `insert into auth.users (${names}) values (${places}) returning *`;
  return saved(client, text, entries, takenCode);
}

/** @throws AuthError as `insertUser`; `user_not_found` when there is none */
export async function updateUser(client: ClientBase, id: string, changes: UserChanges): Promise<UserRow> {
  const entries = Object.entries(changes);
  const set = entries.map(([name], index) => `${client.escapeIdentifier(name)} = $${index + 1}`);
  const text = `update auth.users set ${[...set, 'updated_at = now()'].join(', ')}
    where id = $${entries.length + 1} returning *`;
  return saved(client, text, [...entries, ['id', id]], 'email_exists');
}

async function saved(
  client: ClientBase,
  text: string,
  entries: readonly (readonly [string, unknown])[],
  takenCode: 'user_already_exists' | 'email_exists',
): Promise<UserRow> {
  let row: UserRow | undefined;
  try {
    const values = entries.map(([, value]) => value);
    row = (await client.query<UserRow>(text, values)).rows[0];
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    if (error.constraint === 'users_email_key') throw emailTaken(takenCode);
    if (error.constraint === 'users_pkey') {
      throw new AuthError(422, 'user_already_exists', 'A user with this id already exists');
    }
    // Raised by a trigger of the product's own migrations: its message names no secret.
    const message = `Database error saving new user: ${error.message}`;
    throw new AuthError(500, 'unexpected_failure', message);
  }
  if (!row) throw new AuthError(404, 'user_not_found', 'User not found');
  return row;
}

function emailTaken(code: 'user_already_exists' | 'email_exists'): AuthError {
  return code === 'user_already_exists'
    ? new AuthError(422, code, 'User already registered')
    : new AuthError(422, code, 'A user with this email address has already been registered');
}
