/** The relay at a project whose sign-ins it can't check: /health says so, and is well again once the keys are there. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startProcess, type TestProcess } from '../../support/processes/processes.ts';
import { TEST_SECRET_KEY, TEST_WEBHOOK_SECRET, until } from '../../support/stripe/stripe-sandbox.ts';

/** What the project publishes; an empty list is what one with the old shared secret has. */
let keys: object[] = [];
let project: Server;
let relay: TestProcess;

beforeAll(async () => {
  project = createServer((request, response) => {
    const isKeys = request.url === '/auth/v1/.well-known/jwks.json';
    response.writeHead(isKeys ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => project.listen(0, '127.0.0.1', resolve));
  relay = await startProcess({
    entry: 'src-relay/main.ts',
    env: {
      PUBLIC_URL: 'http://127.0.0.1:8003',
      SUPABASE_URL: `http://127.0.0.1:${(project.address() as AddressInfo).port}`,
      SUPABASE_ANON_KEY: 'sb_publishable_test',
      SUPABASE_SERVICE_ROLE_KEY: 'sb_secret_test',
      STRIPE_SECRET_KEY: TEST_SECRET_KEY,
      STRIPE_WEBHOOK_SECRET: TEST_WEBHOOK_SECRET,
      STRIPE_API_BASE: 'http://127.0.0.1:1',
      CODE_KEYS: JSON.stringify([{ id: 'k1', secret: Buffer.alloc(32, 1).toString('base64url') }]),
    },
  });
});
afterAll(async () => {
  await relay?.stop();
  project?.closeAllConnections();
  project?.close();
});

const line = async () => (await relay.health()).checks['signingKeys'];

it('is degraded and says how to mend it, until the project has rotated to a public key', async () => {
  await until(async () => /JWT Keys.*add-new-auth-keys\.sh/.test((await line()) ?? ''));
  expect(await relay.health()).toMatchObject({ status: 'degraded' });
  keys = [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'k', alg: 'ES256' }];
  await until(async () => (await line()) === 'ok');
});
