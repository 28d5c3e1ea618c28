/** SHA-256, the only hash of the product. */
import { createHash } from 'node:crypto';

/** The 32 bytes of the SHA-256 of `data`; text counts as UTF-8. */
export function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

/** SHA-256 of `data` in 64 lower-case hex digits; text counts as UTF-8. */
export function sha256Hex(data: string | Uint8Array): string {
  return sha256(data).toString('hex');
}

/** The source expression by which a Content-Security-Policy lets in exactly this inline style or script. */
export function cspHash(text: string): string {
  return `'sha256-${sha256(text).toString('base64')}'`;
}
