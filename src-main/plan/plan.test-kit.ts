/** A station's plan for unit tests: every secret is its own name, so that a leak is seen where it happens. */

import { readSettings } from '../settings/settings.ts';
import { planStation, type StationPlan } from './plan.ts';
import type { LocalSecrets } from './secrets.ts';

export const TEST_SECRETS: LocalSecrets = {
  postgres: {
    superuserPassword: 'secret-postgres-superuser',
    ownerPassword: 'secret-postgres-owner',
    authenticatorPassword: 'secret-postgres-authenticator',
  },
  supabase: {
    privateJwk: { d: 'secret-jwk' },
    anonKey: 'public-anon-key',
    serviceRoleKey: 'secret-service-role',
  },
  livekit: { apiKey: 'livekit-key', apiSecret: 'secret-livekit' },
  stripe: { secretKey: 'sk_test_secret-stripe', webhookSecret: 'whsec_secret-webhook' },
  speechApiKey: 'secret-speech',
  codeKeys: [{ id: 'k1', secret: 'secret-code-key' }],
  kiosk: {
    kioskId: '3f0c9c53-6a1f-4a37-9a39-3f5d4b6b9f10',
    name: 'kiosk',
    email: 'kiosk@kiosk.invalid',
    password: 'secret-kiosk-password',
  },
  admin: { email: 'admin@kiosk.local', password: 'secret-admin-password' },
  storeMacKey: 'secret-store-mac',
  launchSecret: 'secret-launch',
};

/** The plan that `settings` (as in `.env`) give on ports 9000 … 9099. */
export function testPlan(settings: Record<string, string> = {}): StationPlan {
  return planStation({
    settings: readSettings(settings),
    portBase: 9000,
    secrets: TEST_SECRETS,
    dataDir: '/data',
    logDir: '/data/logs',
  });
}
