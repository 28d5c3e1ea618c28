import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createKeys, type Keys } from './keys.ts';

const NOW_SECONDS = 1_795_000_000;

let keys: Keys;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW_SECONDS * 1000 });
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const kid = randomUUID();
  const sign = (role: string) =>
    new SignJWT({ role, exp: 4_000_000_000 }).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
  const jwk = JSON.stringify({ ...(await exportJWK(privateKey)), kid });
  keys = await createKeys(jwk, await sign('anon'), await sign('service_role'));
});
afterEach(() => {
  vi.useRealTimers();
});

const tokenOf = (more: object = {}) =>
  keys.sign({ role: 'authenticated', sub: randomUUID(), exp: NOW_SECONDS + 60, ...more });

it('believes a token again and again, and no longer once it has run out', async () => {
  const token = await tokenOf();
  const first = await keys.verify(token);
  expect(await keys.verify(token)).toEqual(first);
  vi.setSystemTime((NOW_SECONDS + 61) * 1000);
  await expect(keys.verify(token)).rejects.toMatchObject({ problem: 'expired' });
  await expect(keys.verify(token)).rejects.toMatchObject({ problem: 'expired' });
});

it('refuses a believed token that was changed in any part', async () => {
  const token = await tokenOf();
  await keys.verify(token);
  const [head = '', claims = '', signature = ''] = token.split('.');
  const other = (await tokenOf()).split('.');
  await expect(keys.verify([head, other[1], signature].join('.'))).rejects.toMatchObject({
    problem: 'invalid',
  });
  await expect(keys.verify([head, claims, other[2]].join('.'))).rejects.toMatchObject({ problem: 'invalid' });
});
