/** Checks the key of a request: `Bearer <key>` as OpenAI's clients send it, `Token <key>` as Deepgram's do. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** True when `header` carries `key`; takes the same time whatever the guess. */
export function isAuthorised(header: string | undefined, key: string): boolean {
  const given = /^(?:Bearer|Token) +(\S+)\s*$/i.exec(header ?? '')?.[1];
  if (given === undefined) return false;
  return timingSafeEqual(digest(given), digest(key));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
