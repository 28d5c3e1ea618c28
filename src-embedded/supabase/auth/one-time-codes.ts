/**
 * Sign-in by a six-digit code sent by e-mail. Promise: a code works once, within an hour, for five tries; only its
 * keyed hash is stored; a new one is sent at most once a minute. In embedded mode the mail is a file.
 */
import { createHmac, randomInt, randomUUID, timingSafeEqual } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientBase } from 'pg';
import type { Keys } from '../keys.ts';
import { AuthError } from './errors.ts';
import type { UserRow } from './users.ts';

const CODE_SECONDS = 3_600;
const RESEND_SECONDS = 60;
const MAX_TRIES = 5;
const TOKEN_TYPE = 'email_otp';

/** Makes and stores a fresh code for `user`; the one before stops working. @throws AuthError (429) when asked too soon */
export async function issueCode(client: ClientBase, keys: Keys, user: UserRow): Promise<string> {
  const { rows } = await client.query<{ wait: number }>(
    `select ceil(extract(epoch from created_at + make_interval(secs => $3) - now()))::int as wait
       from auth.one_time_tokens where user_id = $1 and token_type = $2 for update`,
    [user.id, TOKEN_TYPE, RESEND_SECONDS],
  );
  const wait = rows[0]?.wait ?? 0;
  if (wait > 0) {
    const message = `For security purposes, you can only request this after ${wait} seconds.`;
    throw new AuthError(429, 'over_email_send_rate_limit', message, wait);
  }
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  await client.query(
    `insert into auth.one_time_tokens (user_id, token_type, token_hash) values ($1, $2, $3)
     on conflict (user_id, token_type) do update
       set token_hash = excluded.token_hash, attempts = 0, created_at = now(), updated_at = now()`,
    [user.id, TOKEN_TYPE, hashOf(keys, user, code).toString('hex')],
  );
  return code;
}

/** Whether `code` is right; counts the try, and uses the code up when it is. Commit the transaction either way. */
export async function redeemCode(
  client: ClientBase,
  keys: Keys,
  user: UserRow,
  code: string,
): Promise<boolean> {
  const { rows } = await client.query<{ token_hash: string }>(
    `update auth.one_time_tokens set attempts = attempts + 1, updated_at = now()
      where user_id = $1 and token_type = $2 and attempts < $3
        and created_at > now() - make_interval(secs => $4) returning token_hash`,
    [user.id, TOKEN_TYPE, MAX_TRIES, CODE_SECONDS],
  );
  const stored = rows[0];
  if (!stored) return false;
  const right = timingSafeEqual(Buffer.from(stored.token_hash, 'hex'), hashOf(keys, user, code));
  if (right) {
    await client.query('delete from auth.one_time_tokens where user_id = $1 and token_type = $2', [
      user.id,
      TOKEN_TYPE,
    ]);
  }
  return right;
}

function hashOf(keys: Keys, user: UserRow, code: string): Buffer {
  return createHmac('sha256', keys.derive('one-time-code', 32)).update(`${user.id}:${code}`).digest();
}

export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** Writes mails as files into a private folder; each appears whole. */
export function fileMailer(dir: string): (mail: Mail) => Promise<void> {
  return async ({ to, subject, text }) => {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const now = new Date();
    const name = `${now.toISOString().replaceAll(':', '-')}-${randomUUID()}`;
    const lines = [`Date: ${now.toUTCString()}`, `To: ${to}`, `Subject: ${subject}`];
    const headers = [...lines, 'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8'];
    const temporary = join(dir, `.${name}.tmp`);
    await writeFile(temporary, `${headers.join('\r\n')}\r\n\r\n${text}\r\n`, { mode: 0o600 });
    await rename(temporary, join(dir, `${name}.eml`));
  };
}
