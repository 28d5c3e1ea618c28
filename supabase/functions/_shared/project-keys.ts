/**
 * The project's own keys, as Supabase gives them to every function: SUPABASE_SECRET_KEYS (a JSON object of secret keys
 * by name) in projects with keys of the new form, SUPABASE_SERVICE_ROLE_KEY in those with the old. A project may have
 * both, and its operator may switch the old ones off; so a new one is used where there is one.
 */
import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { sha256 } from '../../../src-runtime/hash.ts';
import { parseJson } from '../../../src-shared/parse-json.ts';

const keysByNameSchema = z.record(z.string(), z.string().min(1));

export interface ProjectKeys {
  /** Opens the database past row level security; undefined where the project gives none. */
  readonly own: string | undefined;
  /** Whether a request comes from the project itself: with one of its secret keys in `apikey` or as a bearer. */
  isOwnCall(headers: Headers): boolean;
}

/** @param variables the environment of the function */
export function readProjectKeys(variables: Readonly<Record<string, string | undefined>>): ProjectKeys {
  const byName = keysByNameSchema.safeParse(parseJson(variables['SUPABASE_SECRET_KEYS'] ?? '{}')).data ?? {};
  const known = [byName['default'], ...Object.values(byName), variables['SUPABASE_SERVICE_ROLE_KEY']].flatMap(
    (key) => key || [],
  );
  const digests = known.map((key) => sha256(key));
  return {
    own: known[0],
    isOwnCall: (headers) => {
      const bearer = /^Bearer (\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
      return [headers.get('apikey'), bearer].some((given) => {
        if (!given) return false;
        const digest = sha256(given);
        return digests.some((own) => timingSafeEqual(own, digest));
      });
    },
  };
}
