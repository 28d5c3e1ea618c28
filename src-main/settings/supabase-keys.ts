/**
 * The keys of a Supabase project come in two forms, and both will do: the new ones (`sb_publishable_…`, `sb_secret_…`)
 * and the old ones, which are JWTs (`anon`, `service_role`). What this finds is a key in the other one's place: a secret
 * one where everybody may read it, or a public one where it opens nothing.
 */
import { decodeJwt } from 'jose';
import type { Settings } from './schema.ts';

const PUBLIC_KEY = 'SUPABASE_ANON_KEY' satisfies keyof Settings;
const SECRET_KEY = 'SUPABASE_SERVICE_ROLE_KEY' satisfies keyof Settings;
const WHERE = 'Supabase dashboard → Project Settings → API Keys';

/** @param value the setting of a name, trimmed; empty when it is not set */
export function supabaseKeyProblems(value: (name: keyof Settings) => string): string[] {
  return [
    ...(kindOf(value(PUBLIC_KEY)) === 'secret'
      ? [
          `${PUBLIC_KEY} holds a secret key, which opens the whole database: put the publishable key (sb_publishable_…) or the anon key here (${WHERE}), and replace the secret one if anybody saw it`,
        ]
      : []),
    ...(kindOf(value(SECRET_KEY)) === 'public'
      ? [
          `${SECRET_KEY} holds a public key, which may do nothing: put a secret key (sb_secret_…) or the service_role key here (${WHERE})`,
        ]
      : []),
  ];
}

/** Undefined for what is neither form: the project itself will judge it. */
function kindOf(key: string): 'public' | 'secret' | undefined {
  if (key.startsWith('sb_publishable_')) return 'public';
  if (key.startsWith('sb_secret_')) return 'secret';
  const role = roleOf(key);
  if (role === 'anon') return 'public';
  return role === 'service_role' ? 'secret' : undefined;
}

function roleOf(key: string): unknown {
  try {
    return decodeJwt(key)['role'];
  } catch {
    return undefined;
  }
}
