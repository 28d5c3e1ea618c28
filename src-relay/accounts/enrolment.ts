/**
 * POST /enrol: a new kiosk exchanges a one-time code for its device account, told this once. Promises: one code makes
 * one kiosk, whoever asks at once or again; every code that is worth nothing is answered the same; an account left over
 * by a crash belongs to no kiosk and so may do nothing.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { SupabaseClient } from '@supabase/supabase-js';
import type { z } from 'zod';
import { normalizeCode } from '../../src-shared/activation-code.ts';
import { type DeviceAccount, type enrolRequestSchema, RELAY_ERRORS } from '../../src-shared/relay-api.ts';
import type { Database } from '../doors/database/database.ts';
import { refusals } from '../model/errors.ts';
import type { Log } from '../model/witnesses.ts';

/** Makes and removes accounts of Supabase Auth. */
export function createDeviceAccounts({ auth }: SupabaseClient) {
  return {
    create: async (account: { email: string; password: string; kioskId: string }): Promise<string> => {
      const { data, error } = await auth.admin.createUser({
        email: account.email,
        password: account.password,
        email_confirm: true,
        app_metadata: { kind: 'kiosk', kiosk_id: account.kioskId },
      });
      if (error) throw refusals.databaseUnavailable(error);
      return data.user.id;
    },
    remove: async (authUserId: string): Promise<void> => {
      const { error } = await auth.admin.deleteUser(authUserId);
      if (error) throw error;
    },
  };
}
export type DeviceAccounts = ReturnType<typeof createDeviceAccounts>;

export interface EnrolmentParts {
  accounts: DeviceAccounts;
  database: Pick<Database, 'checkKioskEnrolment' | 'finishKioskEnrolment'>;
  log: Log;
}

/**
 * @param address of the caller on the network, for the limits; only its hash is kept
 * @throws RelayError codeNotAccepted, tooManyTries, databaseUnavailable
 */
export async function enrol(
  { accounts, database, log }: EnrolmentParts,
  request: z.infer<typeof enrolRequestSchema>,
  address: string,
): Promise<DeviceAccount> {
  // What can't be a code is still a try like any other.
  const codeHash = sha256(normalizeCode(request.code) ?? request.code);
  const check = await database.checkKioskEnrolment(codeHash, sha256(address));
  if (!check.ok) {
    throw check.error === RELAY_ERRORS.tooManyTries
      ? refusals.tooManyTries()
      : refusals.enrolmentNotAccepted();
  }
  const kioskId = randomUUID();
  const email = `kiosk-${kioskId}@kiosk.invalid`;
  const password = randomBytes(32).toString('base64url');
  const authUserId = await accounts.create({ email, password, kioskId });
  const finished = await database.finishKioskEnrolment(codeHash, kioskId, authUserId);
  if (!finished.ok) {
    await accounts.remove(authUserId).catch((error: unknown) => {
      log.warn({ err: error, authUserId }, 'an account without a kiosk could not be removed');
    });
    throw refusals.enrolmentNotAccepted();
  }
  log.info({ kioskId }, 'kiosk enrolled');
  return { kioskId, name: finished.name, email, password };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
