import { expect, it } from 'vitest';
import { readSettings, SettingsError } from './settings.ts';

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (role: string) => `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ role })}.c2lnbmF0dXJl`;

const settings = (anonKey: string, serviceRoleKey: string) => ({
  SUPABASE_URL: 'https://abc.supabase.co',
  SUPABASE_ANON_KEY: anonKey,
  SUPABASE_SERVICE_ROLE_KEY: serviceRoleKey,
});

it.for([
  ['new', 'sb_publishable_a', 'sb_secret_b'],
  ['old', jwt('anon'), jwt('service_role')],
  ['mixed', 'sb_publishable_a', jwt('service_role')],
  // The project itself judges them.
  ['unknown', 'a', 'b'],
] as const)('keys of a project in the %s form will do', ([, anonKey, serviceRoleKey]) => {
  expect(readSettings(settings(anonKey, serviceRoleKey))).toMatchObject({ SUPABASE_ANON_KEY: anonKey });
});

it.for([
  ['new', 'sb_secret_b', 'sb_publishable_a'],
  ['old', jwt('service_role'), jwt('anon')],
] as const)('keys in each other’s place are both named, in the %s form', ([, anonKey, serviceRoleKey]) => {
  try {
    readSettings(settings(anonKey, serviceRoleKey));
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    expect((error as SettingsError).problems).toEqual([
      expect.stringMatching(/^SUPABASE_ANON_KEY holds a secret key/),
      expect.stringMatching(/^SUPABASE_SERVICE_ROLE_KEY holds a public key/),
    ]);
  }
});
