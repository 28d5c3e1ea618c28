import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, importJWK, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localSecrets } from './secrets.ts';

let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'mindbot-secrets-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const file = () => join(dataDir, 'secrets', 'local.json');
const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('the secrets of a box', () => {
  it('are made once, for the owner’s eyes, and leave no other file', async () => {
    const first = await localSecrets(dataDir);
    expect(await localSecrets(dataDir)).toEqual(first);
    expect(modeOf(file())).toBe(0o600);
    expect(modeOf(join(dataDir, 'secrets'))).toBe(0o700);
    expect(readdirSync(join(dataDir, 'secrets'))).toEqual(['local.json']);
  });

  it('are others on another box', async () => {
    const other = mkdtempSync(join(tmpdir(), 'mindbot-secrets-'));
    try {
      const [a, b] = await Promise.all([localSecrets(dataDir), localSecrets(other)]);
      const texts = (secrets: object): string[] => JSON.stringify(secrets).match(/"[\w-]{22,}"/g) ?? [];
      expect(texts(a).length).toBeGreaterThan(10);
      expect(texts(a).filter((text) => texts(b).includes(text))).toEqual([]);
      expect(a.admin.password).not.toBe(b.admin.password);
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  it('have the shapes their readers ask for', async () => {
    const secrets = await localSecrets(dataDir);
    expect(Buffer.from(secrets.codeKeys[0]?.secret ?? '', 'base64url')).toHaveLength(32);
    expect(Buffer.from(secrets.storeMacKey, 'base64url')).toHaveLength(32);
    expect(secrets.stripe.secretKey).toMatch(/^sk_test_/);
    expect(secrets.stripe.webhookSecret).toMatch(/^whsec_/);
    expect(secrets.admin.password).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
  });

  it('hold API keys that the embedded Auth’s own key has signed, each with its role', async () => {
    const { supabase } = await localSecrets(dataDir);
    const { d: _private, ...publicJwk } = supabase.privateJwk;
    await importJWK(publicJwk, 'ES256');
    const keys = createLocalJWKSet({ keys: [{ kty: 'EC', ...publicJwk }] });
    const roleOf = async (key: string) => (await jwtVerify(key, keys)).payload['role'];
    expect(await roleOf(supabase.anonKey)).toBe('anon');
    expect(await roleOf(supabase.serviceRoleKey)).toBe('service_role');
  });

  it.each([
    ['cut off', '{"postgres":'],
    ['empty', ''],
    ['not all there', '{"storeMacKey":"x"}'],
  ])('stop the start when their file is %s, and are not made anew', async (_what, text) => {
    await localSecrets(dataDir);
    writeFileSync(file(), text);
    await expect(localSecrets(dataDir)).rejects.toThrow(/Restore it from a backup/);
    expect(readFileSync(file(), 'utf8')).toBe(text);
  });

  it('are closed to others again when somebody opened them', async () => {
    await localSecrets(dataDir);
    chmodSync(file(), 0o644);
    await localSecrets(dataDir);
    expect(modeOf(file())).toBe(0o600);
  });
});
