/**
 * The one-use nonce in the launch URL: made by the host, which starts the station, and traded by the
 * station for the page's cookie. `<random>.<HMAC-SHA256>`; the station remembers which ones were used.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Makes a nonce that only the holder of `secret` can have made. */
export function makeLaunchNonce(secret: string): string {
  const random = randomBytes(18).toString('base64url');
  return `${random}.${signature(secret, random).toString('base64url')}`;
}

/** True when `nonce` was made with `secret`. Whether it was used before is the station's to know. */
export function isLaunchNonce(secret: string, nonce: string): boolean {
  const [random, mac, ...rest] = nonce.split('.');
  if (!random || !mac || rest.length > 0) return false;
  const given = Buffer.from(mac, 'base64url');
  const expected = signature(secret, random);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function signature(secret: string, random: string): Buffer {
  return createHmac('sha256', secret).update(`launch:${random}`).digest();
}
