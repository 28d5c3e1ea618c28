import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { assertSigningKeys } from './signing-keys.ts';

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

async function project(keySet: object): Promise<string> {
  server = createServer((_request, response) => response.end(JSON.stringify(keySet)));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('stops a start with a project whose sign-ins can’t be checked, and says what to do', async () => {
  const url = await project({ keys: [] });
  await expect(assertSigningKeys(url)).rejects.toThrow(/SUPABASE_URL: .*JWT Keys.*\nNothing was started/s);
});

it('lets a start go on with a good project, without one, and without a network', async () => {
  await assertSigningKeys(await project({ keys: [{ kty: 'EC', alg: 'ES256' }] }));
  await assertSigningKeys(undefined);
  await assertSigningKeys('http://127.0.0.1:1');
});
