/**
 * A Supabase project whose sign-ins can't be checked is found before anything is started. One that does not answer now
 * is none of this: a kiosk must start without a network.
 */
import { requireSigningKeys, UnusableSigningKeysError } from '../../src-runtime/signing-keys.ts';

/** A start waits no longer than this for the answer, in milliseconds. */
const PATIENCE_MS = 2_000;

/**
 * @param supabaseUrl the operator's project; undefined where the embedded one is used
 * @throws Error for the operator, with the way to mend it
 */
export async function assertSigningKeys(supabaseUrl: string | undefined): Promise<void> {
  if (supabaseUrl === undefined) return;
  try {
    await requireSigningKeys(supabaseUrl, PATIENCE_MS);
  } catch (error) {
    if (!(error instanceof UnusableSigningKeysError)) return;
    throw new Error(`SUPABASE_URL: ${error.message}.\nNothing was started. Mend it and start again.`);
  }
}
