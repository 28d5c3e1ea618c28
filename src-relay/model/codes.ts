/**
 * How activation codes and claim tokens come from keys with nothing stored but a nonce. Promises: a code is never stored, the same
 * card always gives the same code, and a look-up value tells nothing about the code without its key.
 */
import { Buffer } from 'node:buffer';
import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { sha256Hex } from '../../src-runtime/hash.ts';
import { CODE_ALPHABET, CODE_LENGTH } from '../../src-shared/activation-code.ts';

/** One entry of CODE_KEYS: at least 32 random bytes, base64url. */
export const codeKeySchema = z.object({
  id: z.string().min(1).max(40),
  secret: z
    .base64url()
    .refine(
      (text) => Buffer.from(text, 'base64url').length >= 32,
      'needs at least 32 random bytes, base64url',
    ),
});
export type CodeKey = z.infer<typeof codeKeySchema>;

/** What a fulfilment stores about a code; the code itself is only shown. */
export interface NewCode {
  nonce: string;
  keyId: string;
  /** Lower-case hex. */
  lookup: string;
}

const SYMBOL_BITS = 5n;
const NONCE_BYTES = 16;
const SUBKEY_BYTES = 32;
const CLAIM_TOKEN_BYTES = 16;
const PAY_SEAL_BYTES = 16;
const UUID_BYTES = 16;
/** 16 bytes in base64url. */
const PAY_TOKEN_ID_LENGTH = 22;

interface DerivedKey {
  id: string;
  derive: Buffer;
  lookup: Buffer;
  secret: Buffer;
}

/** The installation's code keys: the first makes new codes, all of them recognise old ones. */
export class CodeBook {
  readonly #keys: readonly DerivedKey[];
  readonly #first: DerivedKey;

  /** @throws RangeError without any key or with one id twice */
  constructor(keys: readonly CodeKey[]) {
    this.#keys = keys.map((key) => {
      const secret = Buffer.from(key.secret, 'base64url');
      return { id: key.id, secret, derive: hkdf(secret, 'derive'), lookup: hkdf(secret, 'lookup') };
    });
    const first = this.#keys[0];
    if (!first) throw new RangeError('CODE_KEYS needs at least one key');
    if (new Set(keys.map((key) => key.id)).size !== keys.length)
      throw new RangeError('CODE_KEYS: same id twice');
    this.#first = first;
  }

  /** A fresh nonce under the newest key. Ask again when the database already knows the look-up. */
  newCode(): NewCode {
    const nonce = randomBytes(NONCE_BYTES).toString('hex');
    return { nonce, keyId: this.#first.id, lookup: lookupOf(this.#first, codeOf(this.#first, nonce)) };
  }

  /** The canonical 12 symbols of a stored card; undefined when its key is no longer here. */
  codeFor(nonce: string, keyId: string): string | undefined {
    const key = this.#keys.find((candidate) => candidate.id === keyId);
    return key && codeOf(key, nonce);
  }

  /** Look-ups of a canonical code under every key, newest first. */
  lookupsFor(code: string): string[] {
    return this.#keys.map((key) => lookupOf(key, code));
  }

  /** The claim token of a purchase: 128 bits, the same at each call, from the newest key. */
  claimToken(purchaseId: string): string {
    return claimTokenOf(this.#first, purchaseId);
  }

  /** The claim token that was stored as this hash, whichever key made it. */
  claimTokenFor(purchaseId: string, storedHash: string): string | undefined {
    return this.#keys
      .map((key) => claimTokenOf(key, purchaseId))
      .find((token) => claimTokenHash(token) === storedHash);
  }

  /** The token of the page on which a purchase is paid at this computer: its id, sealed with the newest key. */
  payToken(purchaseId: string): string {
    return payTokenOf(this.#first, purchaseId);
  }

  /** The purchase that a pay token was made for, by whichever key; undefined for any other text. */
  purchaseOfPayToken(token: string): string | undefined {
    const purchaseId = uuidOf(Buffer.from(token.slice(0, PAY_TOKEN_ID_LENGTH), 'base64url'));
    const given = Buffer.from(token);
    const isOurs = this.#keys.some((key) => {
      const made = Buffer.from(purchaseId ? payTokenOf(key, purchaseId) : '');
      return made.length === given.length && timingSafeEqual(made, given);
    });
    return isOurs ? purchaseId : undefined;
  }
}

/** SHA-256 of a claim token in lower-case hex: what the database holds. */
export function claimTokenHash(token: string): string {
  return sha256Hex(token);
}

function hkdf(secret: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', info, SUBKEY_BYTES));
}

function codeOf(key: DerivedKey, nonce: string): string {
  const mac = createHmac('sha256', key.derive).update(nonce, 'utf8').digest();
  // The first 60 bits: 64 read, 4 dropped.
  let bits = mac.readBigUInt64BE(0) >> 4n;
  let code = '';
  for (let i = 0; i < CODE_LENGTH; i += 1) {
    code = CODE_ALPHABET.charAt(Number(bits & 31n)) + code;
    bits >>= SYMBOL_BITS;
  }
  return code;
}

function lookupOf(key: DerivedKey, code: string): string {
  return createHmac('sha256', key.lookup).update(code, 'utf8').digest('hex');
}

function claimTokenOf(key: DerivedKey, purchaseId: string): string {
  const bytes = hkdfSync('sha256', key.secret, '', `claim:${purchaseId}`, CLAIM_TOKEN_BYTES);
  return Buffer.from(bytes).toString('base64url');
}

function payTokenOf(key: DerivedKey, purchaseId: string): string {
  const seal = hkdfSync('sha256', key.secret, '', `pay:${purchaseId}`, PAY_SEAL_BYTES);
  const id = Buffer.from(purchaseId.replaceAll('-', ''), 'hex');
  return Buffer.concat([id, Buffer.from(seal)]).toString('base64url');
}

/** The id in its usual writing; undefined for another number of bytes. */
function uuidOf(bytes: Buffer): string | undefined {
  if (bytes.length !== UUID_BYTES) return undefined;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
