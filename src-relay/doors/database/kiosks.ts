/** Kiosks: whether one may still do anything, and how a new one comes in. */

import { z } from 'zod';
import type { ProductClient } from '../../../src-runtime/supabase-client.ts';
import { call, nothing, rowsOf } from './client.ts';
import { refusedCodeSchema } from './refused-code.ts';

const enrolmentCheckSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  refusedCodeSchema,
]);
const finishedEnrolmentSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), name: z.string() }),
  refusedCodeSchema,
]);

export function createKiosks(client: ProductClient) {
  return {
    /** False for one that is unknown or revoked. */
    isEnrolled: async (kioskId: string): Promise<boolean> => {
      const kiosk = client.from('kiosks').select('id').eq('id', kioskId).is('revoked_at', null).maybeSingle();
      return rowsOf(await kiosk, 'kiosks') !== null;
    },
    /** Whether a one-time code is good; a wrong one is counted for its `source`, a hash of the address. */
    checkEnrolment: (codeHash: string, source: string) =>
      call(client, 'check_kiosk_enrolment', { codeHash, source }, enrolmentCheckSchema),
    finishEnrolment: (codeHash: string, kioskId: string, authUserId: string) =>
      call(client, 'finish_kiosk_enrolment', { codeHash, kioskId, authUserId }, finishedEnrolmentSchema),
    /** Makes or mends the row of a kiosk whose account is known. */
    enrol: (kioskId: string, authUserId: string, name: string) =>
      call(client, 'enrol_kiosk', { kioskId, authUserId, name }, nothing),
  };
}
export type Kiosks = ReturnType<typeof createKiosks>;
