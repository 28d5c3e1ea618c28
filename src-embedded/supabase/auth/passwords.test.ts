import { scryptSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { checkPassword, hashPassword } from './passwords.ts';

it('knows the password it hashed and no other', async () => {
  const stored = await hashPassword('pässword');
  expect(await checkPassword('pässword', stored)).toBe(true);
  expect(await checkPassword('pa\u0308ssword', stored)).toBe(true);
  expect(await checkPassword('password', stored)).toBe(false);
  expect(await hashPassword('pässword')).not.toBe(stored);
});

it('reads the parameters from the hash, so that old ones stay good', async () => {
  const salt = Buffer.from('0123456789abcdef');
  const hash = scryptSync('old', salt, 32, { N: 1024, r: 4, p: 1 });
  const stored = `$scrypt$ln=10,r=4,p=1$${salt.toString('base64')}$${hash.toString('base64')}`;
  expect(await checkPassword('old', stored)).toBe(true);
});

it('says no where nothing is stored, and refuses a hash it does not know', async () => {
  expect(await checkPassword('any', null)).toBe(false);
  await expect(checkPassword('any', '$2b$10$abc')).rejects.toThrow('unknown format');
});
