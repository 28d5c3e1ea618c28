import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import { afterEach, expect, it } from 'vitest';
import { requireSigningKeys, signatureTrouble, signingKeysLine } from './signing-keys.ts';

const ES256 = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'k', alg: 'ES256', use: 'sig' };

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

/** A project whose Auth answers `body` to who asks for its keys. */
async function project(body: string, status = 200): Promise<string> {
  server = createServer((request, response) => {
    const isKeys = request.url === '/auth/v1/.well-known/jwks.json';
    response.writeHead(isKeys ? status : 404).end(isKeys ? body : '');
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const keySet = (...keys: object[]) => JSON.stringify({ keys });

it.for([
  ['ES256', ES256],
  ['RS256', { kty: 'RSA', n: 'n', e: 'AQAB', alg: 'RS256' }],
  ['a key that does not say its algorithm', { ...ES256, alg: undefined }],
] as const)('is content with %s', async ([, key]) => {
  await requireSigningKeys(`${await project(keySet(key))}/`);
});

it.for([
  ['an empty list of keys', keySet(), 'signs with a shared secret'],
  ['nothing but shared secrets', keySet({ kty: 'oct', alg: 'HS256' }), 'no ES256, RS256 or EdDSA key'],
] as const)('finds %s, and says how to mend it', async ([, body, why]) => {
  const error = await requireSigningKeys(await project(body)).catch((reason: unknown) => reason);
  const line = signingKeysLine(error);
  expect(line).toContain(why);
  expect(line).toContain('no kiosk’s sign-in can be checked');
  expect(line).toContain('JWT Keys');
  expect(line).toContain('add-new-auth-keys.sh');
});

it.for([
  ['an error', '{}', 503],
  ['something else', '<html>', 200],
] as const)('takes %s for a project that is not there now', async ([, body, status]) => {
  const error = await requireSigningKeys(await project(body, status)).catch((reason: unknown) => reason);
  expect(signingKeysLine(error)).toMatch(/could not be read: waiting for Supabase/);
});

it('takes silence for a project that is not there now', async () => {
  const url = await project(keySet());
  server?.close();
  const error = await requireSigningKeys(url).catch((reason: unknown) => reason);
  expect(signingKeysLine(error)).toMatch(/waiting for Supabase/);
});

it('tells a token that is signed with a shared secret', async () => {
  const secret = new TextEncoder().encode('a shared secret of a project, long enough');
  const token = await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).sign(secret);
  expect(signatureTrouble(token)).toMatch(/signs with HS256.*JWT Keys/);
  expect(signatureTrouble(token.replace(/^[^.]+/, btoa('{"alg":"ES256"}')))).toBeUndefined();
  expect(signatureTrouble('no token')).toBeUndefined();
});
