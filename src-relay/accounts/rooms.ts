/**
 * Rooms for the kiosks of a fleet, by whoever holds the LiveKit secret. Promises: a revoked kiosk gets none (an agent in
 * a room costs money), and LiveKit being away is told apart from a fault of ours.
 */
import type { Kiosks } from '../doors/database/kiosks.ts';
import type { Kiosk } from '../model/callers.ts';
import { refusals } from '../model/errors.ts';

/**
 * Runs `work` for a kiosk that may have rooms.
 * @throws RelayError forbidden for a revoked one, databaseUnavailable, voiceUnavailable when LiveKit fails
 */
export async function forKiosk<Answer>(
  { kiosks }: { kiosks: Pick<Kiosks, 'isEnrolled'> },
  { kioskId }: Kiosk,
  work: () => Promise<Answer>,
): Promise<Answer> {
  if (!(await kiosks.isEnrolled(kioskId))) throw refusals.forbidden();
  try {
    return await work();
  } catch (error) {
    throw refusals.voiceUnavailable(error);
  }
}
