/** Checks the key of a request: `Bearer <key>` as OpenAI's clients send it, `Token <key>` as Deepgram's do. */
import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '../../src-runtime/hash.ts';

/** True when `header` carries `key`; takes the same time whatever the guess. */
export function isAuthorised(header: string | undefined, key: string): boolean {
  const given = /^(?:Bearer|Token) +(\S+)\s*$/i.exec(header ?? '')?.[1];
  if (given === undefined) return false;
  return timingSafeEqual(sha256(given), sha256(key));
}
