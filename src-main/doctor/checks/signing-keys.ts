/** The operator's Supabase project signs so that the relay can check a kiosk's sign-in. */
import {
  requireSigningKeys,
  SIGNING_KEYS_REMEDY,
  UnusableSigningKeysError,
} from '../../../src-runtime/signing-keys.ts';
import { reasonOf } from '../ask.ts';
import { type Check, fail, ok, warn } from '../check.ts';

const NAME = 'Signing keys';

export const checkSigningKeys: Check = async ({ settings }) => {
  const url = settings?.SUPABASE_URL;
  // The embedded one signs with ES256, always.
  if (!url) return [];
  try {
    await requireSigningKeys(url);
    return [ok(NAME, 'sign-ins can be checked')];
  } catch (error) {
    if (error instanceof UnusableSigningKeysError) return [fail(NAME, error.why, SIGNING_KEYS_REMEDY)];
    return [warn(NAME, `could not be read: ${reasonOf(error)}`, 'see Supabase in this list')];
  }
};
