import { describe, expect, it } from 'vitest';
import { CODE_ALPHABET, normalizeCode } from '../../src-shared/activation-code.ts';
import { CodeBook, claimTokenHash, codeKeySchema } from './codes.ts';

const KEY_1 = { id: 'k1', secret: Buffer.alloc(32, 1).toString('base64url') };
const KEY_2 = { id: 'k2', secret: Buffer.alloc(32, 2).toString('base64url') };
const PURCHASE = '5f0f6f8e-6d0a-4b52-9a57-0d9f3b8f5a01';

describe('CodeBook', () => {
  it('gives the same 12 canonical symbols for the same nonce and key', () => {
    const book = new CodeBook([KEY_1]);
    const made = book.newCode();
    const code = book.codeFor(made.nonce, made.keyId);
    expect(code).toMatch(new RegExp(`^[${CODE_ALPHABET}]{12}$`));
    expect(normalizeCode(code ?? '')).toBe(code);
    expect(new CodeBook([KEY_1]).codeFor(made.nonce, made.keyId)).toBe(code);
    expect(book.lookupsFor(code ?? '')).toEqual([made.lookup]);
    expect(made.lookup).toMatch(/^[0-9a-f]{64}$/);
  });

  it('pins the derivation, since printed cards depend on it', () => {
    const book = new CodeBook([KEY_1]);
    expect(book.codeFor('00', 'k1')).toMatchInlineSnapshot(`"6RY9JKWYB639"`);
    expect(book.claimToken(PURCHASE)).toMatchInlineSnapshot(`"X-7CFbZUZaZ-bXZuYTWgQQ"`);
  });

  it('uses every symbol and spreads over nonces', () => {
    const book = new CodeBook([KEY_1]);
    const codes = Array.from({ length: 400 }, (_, i) => book.codeFor(String(i), 'k1') ?? '');
    expect(new Set(codes).size).toBe(400);
    for (let position = 0; position < 12; position += 1) {
      expect(new Set(codes.map((code) => code.charAt(position))).size).toBe(32);
    }
  });

  it('recognises codes of an older key after rotation and makes new ones with the first', () => {
    const old = new CodeBook([KEY_1]).newCode();
    const rotated = new CodeBook([KEY_2, KEY_1]);
    const code = rotated.codeFor(old.nonce, old.keyId) ?? '';
    expect(rotated.lookupsFor(code)[1]).toBe(old.lookup);
    expect(rotated.lookupsFor(code)[0]).not.toBe(old.lookup);
    expect(rotated.newCode().keyId).toBe('k2');
    expect(new CodeBook([KEY_2]).codeFor(old.nonce, old.keyId)).toBeUndefined();
  });

  it('finds a claim token again by its stored hash after rotation', () => {
    const token = new CodeBook([KEY_1]).claimToken(PURCHASE);
    expect(Buffer.from(token, 'base64url')).toHaveLength(16);
    const rotated = new CodeBook([KEY_2, KEY_1]);
    expect(rotated.claimTokenFor(PURCHASE, claimTokenHash(token))).toBe(token);
    expect(rotated.claimToken(PURCHASE)).not.toBe(token);
    expect(rotated.claimTokenFor(PURCHASE, 'f'.repeat(64))).toBeUndefined();
  });

  it('seals the id of a purchase into its pay token, and knows no other text', () => {
    const book = new CodeBook([KEY_1]);
    const token = book.payToken(PURCHASE);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(book.purchaseOfPayToken(token)).toBe(PURCHASE);
    expect(new CodeBook([KEY_2, KEY_1]).purchaseOfPayToken(token)).toBe(PURCHASE);
    expect(new CodeBook([KEY_2]).purchaseOfPayToken(token)).toBeUndefined();
    const other = book.payToken('5f0f6f8e-6d0a-4b52-9a57-0d9f3b8f5a02');
    // The seal of one purchase under the id of another.
    expect(book.purchaseOfPayToken(other.slice(0, 22) + token.slice(22))).toBeUndefined();
    for (let at = 0; at < token.length; at += 1) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      expect(book.purchaseOfPayToken(changed)).toBeUndefined();
    }
    for (const text of ['', 'A', token.slice(1), `${token}A`, book.claimToken(PURCHASE), 'ü'.repeat(43)]) {
      expect(book.purchaseOfPayToken(text)).toBeUndefined();
    }
  });

  it('refuses no key, the same id twice and short secrets', () => {
    expect(() => new CodeBook([])).toThrow(/at least one key/);
    expect(() => new CodeBook([KEY_1, KEY_1])).toThrow(/same id twice/);
    expect(codeKeySchema.safeParse({ id: 'k', secret: 'c2hvcnQ' }).success).toBe(false);
  });
});
