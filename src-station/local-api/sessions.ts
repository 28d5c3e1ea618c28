/**
 * Who holds which cookie. The page's cookie is signed with the launch secret, so that a page survives a restart of the
 * station; a launch nonce buys one once, also across restarts. Staff sessions live in memory and end when idle.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sha256 } from '../../src-runtime/hash.ts';
import { isLaunchNonce } from '../../src-runtime/launch-nonce.ts';
import type { Clock } from '../clock.ts';
import type { StaffSession } from './doors.ts';

/** A staff session that was not used for so long is over. */
export const STAFF_IDLE_MS = 15 * 60_000;
const STAFF_SESSIONS_MAX = 20;

export class PageCookies {
  readonly #secret: string;
  readonly #usedFile: string;
  readonly #used: Set<string>;

  /** @param usedFile remembers the nonces that were used, by their hash; made when missing (mode 0600) */
  constructor(secret: string, usedFile: string) {
    this.#secret = secret;
    this.#usedFile = usedFile;
    mkdirSync(dirname(usedFile), { recursive: true, mode: 0o700 });
    this.#used = new Set(existsSync(usedFile) ? readFileSync(usedFile, 'utf8').split('\n') : []);
  }

  /** Trades a fresh launch nonce for a cookie value; null for a forged or used one. */
  redeemNonce(nonce: string): string | null {
    if (!isLaunchNonce(this.#secret, nonce)) return null;
    const mark = sha256(nonce.split('.')[0] ?? '').toString('base64url');
    if (this.#used.has(mark)) return null;
    this.#used.add(mark);
    appendFileSync(this.#usedFile, `${mark}\n`, { mode: 0o600 });
    const random = randomBytes(24).toString('base64url');
    return `${random}.${this.#sign(random).toString('base64url')}`;
  }

  isValid(cookie: string | undefined): boolean {
    const [random, mac, ...rest] = (cookie ?? '').split('.');
    if (!random || !mac || rest.length > 0) return false;
    const given = Buffer.from(mac, 'base64url');
    const expected = this.#sign(random);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  #sign(random: string): Buffer {
    return createHmac('sha256', this.#secret).update(`page:${random}`).digest();
  }
}

export class StaffSessions {
  readonly #clock: Clock;
  readonly #sessions = new Map<string, { session: StaffSession; usedAtMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Remembers a sign-in; returns the cookie value for it. */
  start(session: StaffSession): string {
    this.#dropIdle();
    const oldest = this.#sessions.keys().next().value;
    if (this.#sessions.size >= STAFF_SESSIONS_MAX && oldest !== undefined) this.#sessions.delete(oldest);
    const cookie = randomBytes(32).toString('base64url');
    this.#sessions.set(cookie, { session, usedAtMs: this.#clock.monotonicMs() });
    return cookie;
  }

  /** The session behind a cookie, kept alive by the asking; null when there is none or it was idle too long. */
  use(cookie: string | undefined): StaffSession | null {
    this.#dropIdle();
    const entry = cookie === undefined ? undefined : this.#sessions.get(cookie);
    if (!entry) return null;
    entry.usedAtMs = this.#clock.monotonicMs();
    return entry.session;
  }

  end(cookie: string | undefined): void {
    if (cookie !== undefined) this.#sessions.delete(cookie);
  }

  #dropIdle(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [cookie, { usedAtMs }] of this.#sessions) {
      if (nowMs - usedAtMs > STAFF_IDLE_MS) this.#sessions.delete(cookie);
    }
  }
}
