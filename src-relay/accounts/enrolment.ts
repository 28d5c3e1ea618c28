/**
 * POST /enrol: a new kiosk exchanges a one-time code for its device account, told this once. Promises: one code makes
 * one kiosk, whoever asks at once or again; every code that is worth nothing is answered the same; an account left over
 * by a crash belongs to no kiosk and so may do nothing.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { sha256Hex } from '../../src-runtime/hash.ts';
import { normalizeCode } from '../../src-shared/activation-code.ts';
import { type DeviceAccount, type enrolRequestSchema, RELAY_ERRORS } from '../../src-shared/relay-api.ts';
import type { AuthAccounts } from '../doors/auth-accounts.ts';
import type { Kiosks } from '../doors/database/kiosks.ts';
import { refusals } from '../model/errors.ts';
import type { Log } from '../model/witnesses.ts';

export interface EnrolmentNeeds {
  accounts: Pick<AuthAccounts, 'createKiosk' | 'remove'>;
  kiosks: Pick<Kiosks, 'checkEnrolment' | 'finishEnrolment'>;
  log: Log;
}

/**
 * @param address of the caller on the network, for the limits; only its hash is kept
 * @throws RelayError codeNotAccepted, tooManyTries, databaseUnavailable
 */
export async function enrol(
  { accounts, kiosks, log }: EnrolmentNeeds,
  request: z.infer<typeof enrolRequestSchema>,
  address: string,
): Promise<DeviceAccount> {
  // What can't be a code is still a try like any other.
  const codeHash = sha256Hex(normalizeCode(request.code) ?? request.code);
  const check = await kiosks.checkEnrolment(codeHash, sha256Hex(address));
  if (!check.ok) {
    throw check.error === RELAY_ERRORS.tooManyTries
      ? refusals.tooManyTries()
      : refusals.enrolmentNotAccepted();
  }
  const kioskId = randomUUID();
  const email = `kiosk-${kioskId}@kiosk.invalid`;
  const password = randomBytes(32).toString('base64url');
  const authUserId = await accounts.createKiosk({ email, password, kioskId });
  const finished = await kiosks.finishEnrolment(codeHash, kioskId, authUserId);
  if (!finished.ok) {
    await accounts.remove(authUserId).catch((error: unknown) => {
      log.warn({ err: error, authUserId }, 'an account without a kiosk could not be removed');
    });
    throw refusals.enrolmentNotAccepted();
  }
  log.info({ kioskId }, 'kiosk enrolled');
  return { kioskId, name: finished.name, email, password };
}
