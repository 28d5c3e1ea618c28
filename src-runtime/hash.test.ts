import { expect, it } from 'vitest';
import { cspHash, sha256Hex } from './hash.ts';

// FIPS 180-2, appendix B.1.
const OF_ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

it('hashes text and bytes alike', () => {
  expect(sha256Hex('abc')).toBe(OF_ABC);
  expect(sha256Hex(new Uint8Array([0x61, 0x62, 0x63]))).toBe(OF_ABC);
});

it('names inline text for a Content-Security-Policy', () => {
  expect(cspHash('abc')).toBe(`'sha256-${Buffer.from(OF_ABC, 'hex').toString('base64')}'`);
});
