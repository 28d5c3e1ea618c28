import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Credentials } from '../model/callers.ts';
import { callerOfClaims, createCredentialReader } from './credentials.ts';

const USER = '5f0f6f8e-6d0a-4b52-9a57-0d9f3b8f5a01';
const KIOSK = '6a4d4a4e-58a7-4a2c-8a34-5a5f6b0f7c02';
const NOW_MS = Date.UTC(2026, 10, 23, 12);

const CUSTOMER: Credentials = { kind: 'customer', authUserId: USER };
const STAFF: Credentials = { kind: 'staff', authUserId: USER };
const KIOSK_CALLER: Credentials = { kind: 'kiosk', authUserId: USER, kioskId: KIOSK };

describe('callerOfClaims', () => {
  const claims = (app_metadata?: object) => ({
    sub: USER,
    role: 'authenticated',
    ...(app_metadata && { app_metadata }),
  });

  it('takes people without a kind for customers and needs the id of a kiosk', () => {
    expect(callerOfClaims(claims())).toEqual(CUSTOMER);
    expect(callerOfClaims(claims({ provider: 'email' }))).toEqual(CUSTOMER);
    expect(callerOfClaims(claims({ kind: 'staff' }))).toEqual(STAFF);
    expect(callerOfClaims(claims({ kind: 'kiosk', kiosk_id: KIOSK }))).toEqual(KIOSK_CALLER);
    expect(callerOfClaims(claims({ kind: 'kiosk' }))).toBeUndefined();
    expect(callerOfClaims(claims({ kind: 'root' }))).toBeUndefined();
    expect(callerOfClaims({ ...claims(), role: 'anon' })).toBeUndefined();
  });

  it('does not read the kind from what users may write themselves', () => {
    expect(callerOfClaims({ ...claims(), user_metadata: { kind: 'staff' } })).toEqual(CUSTOMER);
  });
});

describe('createCredentialReader', () => {
  let server: Server;
  let origin: string;
  let jwks: object = { keys: [] };
  const stops: (() => void)[] = [];

  beforeEach(async () => {
    server = createServer((_, response) => response.end(JSON.stringify(jwks)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
    for (const stop of stops.splice(0)) stop();
  });

  async function signer() {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'a', alg: 'ES256', use: 'sig' }] };
    return (changes: { issuer?: string; audience?: string; expiresAt?: number } = {}) =>
      new SignJWT({ role: 'authenticated', app_metadata: { kind: 'kiosk', kiosk_id: KIOSK } })
        .setProtectedHeader({ alg: 'ES256', kid: 'a' })
        .setSubject(USER)
        .setIssuer(changes.issuer ?? `${origin}/auth/v1`)
        .setAudience(changes.audience ?? 'authenticated')
        .setExpirationTime(changes.expiresAt ?? NOW_MS / 1000 + 3600)
        .sign(privateKey);
  }

  function reader() {
    const created = createCredentialReader({ supabaseUrl: origin, nowMs: () => NOW_MS });
    stops.push(created.stop);
    return (token: string) => created.read(`Bearer ${token}`);
  }

  it('accepts a good token, also after the keys can no longer be read', async () => {
    const sign = await signer();
    const read = reader();
    expect(await read(await sign())).toEqual(KIOSK_CALLER);
    server.close();
    server.closeAllConnections();
    expect(await read(await sign())).toEqual(KIOSK_CALLER);
  });

  it('rejects expired, foreign, altered and unsigned tokens', async () => {
    const sign = await signer();
    const read = reader();
    const good = await sign();
    const [header, body, signature] = good.split('.');
    const other = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(body ?? '', 'base64url').toString()), sub: KIOSK }),
    );
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    const withSecret = await new SignJWT({ role: 'authenticated' })
      .setProtectedHeader({ alg: 'HS256', kid: 'a' })
      .setSubject(USER)
      .setIssuer(`${origin}/auth/v1`)
      .setAudience('authenticated')
      .setExpirationTime(NOW_MS / 1000 + 3600)
      .sign(Buffer.alloc(32));
    expect(await read(await sign({ expiresAt: NOW_MS / 1000 - 60 }))).toBe('rejected');
    expect(await read(await sign({ issuer: 'http://elsewhere/auth/v1' }))).toBe('rejected');
    expect(await read(await sign({ audience: 'anon' }))).toBe('rejected');
    expect(await read(`${header}.${other.toString('base64url')}.${signature}`)).toBe('rejected');
    expect(await read(`${unsigned}.${body}.x`)).toBe('rejected');
    expect(await read(withSecret)).toBe('rejected');
    expect(await read('sb_secret_x')).toBe('rejected');
  });

  it('rejects a token signed by a key of the same name that is not ours', async () => {
    const forge = await signer();
    const forged = await forge();
    await signer();
    expect(await reader()(forged)).toBe('rejected');
  });

  it('says that it cannot tell while the keys were never read', async () => {
    const sign = await signer();
    const token = await sign();
    server.close();
    server.closeAllConnections();
    expect(await reader()(token)).toBe('unverifiable');
  });
});
