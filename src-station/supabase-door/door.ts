/**
 * The one door from the station to Supabase, as the kiosk's device account. Promises: signs in afresh with the
 * password (a restored disk holds no refresh token), signs in again when a token runs out or is refused, limits the
 * time of every call, knows whether the database answers, and gives back only parsed values or a `DoorError`.
 */
import { isAuthRetryableFetchError } from '@supabase/supabase-js';
import { z } from 'zod';
import type { Logger } from '../../src-runtime/log.ts';
import { signatureTrouble } from '../../src-runtime/signing-keys.ts';
import { createSupabaseClient, type ProductClient } from '../../src-runtime/supabase-client.ts';
import {
  type LeaseAnswer,
  leaseAnswerSchema,
  type PostUsageAnswer,
  postUsageAnswerSchema,
  type UsageRow,
} from '../../src-shared/database.ts';
import type { Database } from '../../src-shared/database-types.ts';
import { type PricingPackage, pricingPackageSchema } from '../../src-shared/pricing.ts';
import { type Balance, balanceSchema, type DeviceAccount } from '../../src-shared/relay-api.ts';
import { type Backoff, backoffMs } from '../../src-shared/retry.ts';
import type { Clock, Timer } from '../clock.ts';
import { type DoorError, type DoorResult, doorErrorOf } from './errors.ts';

/** What metering asks of the database. The network half of it is `SupabaseDoor`; tests put a scripted one here. */
export interface MeteringDatabase {
  readonly reachable: boolean;
  onReachable(listener: (reachable: boolean) => void): () => void;
  balance(userId: string): Promise<DoorResult<Balance>>;
  openLease(
    leaseId: string,
    userId: string,
    visitId: string,
    seconds: number,
  ): Promise<DoorResult<LeaseAnswer>>;
  extendLease(leaseId: string, n: number, seconds: number): Promise<DoorResult<LeaseAnswer>>;
  postUsage(epoch: string, rows: readonly UsageRow[]): Promise<DoorResult<PostUsageAnswer>>;
}

type Functions = Database['public']['Functions'];

export interface SupabaseDoorOptions {
  url: string;
  anonKey: string;
  account: DeviceAccount;
  clock: Clock;
  log: Logger;
  /** Longest wait for one answer. */
  timeoutMs?: number;
  /** 0 … 1, for jitter; injected by tests. */
  random?: () => number;
}

/** A token is renewed this long before it runs out. */
const TOKEN_MARGIN_MS = 60_000;
/**
 * After the account was refused, how long no new try is made: short at first (on a new box the relay is about to make
 * the account), then longer and longer, because Auth limits the tries.
 */
const RETRY_REFUSED: Backoff = { firstMs: 500, longestMs: 15_000 };
/** How often an unreachable database is tried: soon at first (it starts together with us), then this often. */
const PROBE_UNREACHABLE: Backoff = { firstMs: 250, longestMs: 2_000 };
/** How often a silent database is checked. */
const PROBE_IDLE_MS = 20_000;

interface Token {
  jwt: string;
  /** Monotonic. */
  goodUntilMs: number;
}

export class SupabaseDoor implements MeteringDatabase {
  readonly #options: SupabaseDoorOptions;
  readonly #auth: ProductClient;
  readonly #data: ProductClient;
  readonly #listeners = new Set<(reachable: boolean) => void>();
  readonly #random: () => number;
  #token: Token | null = null;
  #signingIn: Promise<DoorResult<string>> | null = null;
  #accountRefused: { error: DoorError; untilMs: number; refusals: number } | null = null;
  #reachable = false;
  /** Probes since the database was last there. */
  #missedProbes = 0;
  #lastContactMs = Number.NEGATIVE_INFINITY;
  #lastError: DoorError | null = null;
  /** The database takes such tokens; the relay does not. */
  #signatureTrouble: string | undefined;
  #probeTimer: Timer | null = null;
  #stopped = false;

  constructor(options: SupabaseDoorOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    const limit = options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs };
    this.#auth = createSupabaseClient(options.url, options.anonKey, limit);
    this.#data = createSupabaseClient(options.url, options.anonKey, {
      ...limit,
      accessToken: async () => this.#token?.jwt ?? null,
    });
  }

  /** Begins to watch the database (tries at once, then again and again). */
  start(): void {
    this.#probe();
  }

  stop(): void {
    this.#stopped = true;
    this.#probeTimer?.cancel();
    this.#listeners.clear();
  }

  get reachable(): boolean {
    return this.#reachable;
  }

  /** `ok`, or why the database can't be used, for the health report. */
  get healthLine(): string {
    if (this.#reachable) return this.#signatureTrouble ?? 'ok';
    if (!this.#lastError) return 'Supabase has not answered yet';
    if (this.#lastError.kind === 'unauthorized') {
      return `Supabase does not let this kiosk's account in; check KIOSK_ACCOUNT (${this.#lastError.detail})`;
    }
    return `Supabase is out of reach; trying again (${this.#lastError.detail})`;
  }

  onReachable(listener: (reachable: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Access token of the device account, for calls to the relay; null when Supabase gives none now. */
  async kioskJwt(): Promise<string | null> {
    const token = await this.#validToken();
    if (!token.ok) this.#contact(token.error);
    return token.ok ? token.value : null;
  }

  listPackages(): Promise<DoorResult<PricingPackage[]>> {
    return this.rpc('list_packages', {}, z.array(pricingPackageSchema));
  }

  balance(userId: string): Promise<DoorResult<Balance>> {
    return this.rpc('get_user_time_balance', { user_id: userId }, balanceSchema);
  }

  openLease(leaseId: string, userId: string, visitId: string, seconds: number) {
    const args = { p_lease_id: leaseId, p_user_id: userId, p_visit_id: visitId, p_seconds: seconds };
    return this.rpc('open_lease', args, leaseAnswerSchema);
  }

  extendLease(leaseId: string, n: number, seconds: number) {
    return this.rpc('extend_lease', { p_lease_id: leaseId, p_n: n, p_seconds: seconds }, leaseAnswerSchema);
  }

  postUsage(epoch: string, rows: readonly UsageRow[]) {
    return this.rpc('post_usage', { p_epoch: epoch, p_rows: rows }, postUsageAnswerSchema);
  }

  /** Calls a database function as the device account and parses its answer. Never throws. */
  async rpc<Name extends keyof Functions, Value>(
    name: Name,
    args: Functions[Name]['Args'],
    schema: z.ZodType<Value>,
  ): Promise<DoorResult<Value>> {
    let result = await this.#call(name, args, schema);
    if (!result.ok && result.error.kind === 'unauthorized' && this.#token) {
      this.#token = null;
      result = await this.#call(name, args, schema);
    }
    this.#contact(result.ok ? null : result.error);
    return result;
  }

  async #call<Name extends keyof Functions, Value>(
    name: Name,
    args: Functions[Name]['Args'],
    schema: z.ZodType<Value>,
  ) {
    const token = await this.#validToken();
    if (!token.ok) return token;
    const { data, error, status } = await this.#data.rpc(name, args);
    if (error) {
      return {
        ok: false,
        error: doorErrorOf({ status, code: error.code ?? '', message: error.message }),
      } as const;
    }
    const parsed = schema.safeParse(data);
    if (parsed.success) return { ok: true, value: parsed.data } as const;
    const detail = `${name} answered something else: ${z.prettifyError(parsed.error).slice(0, 250)}`;
    return { ok: false, error: { kind: 'unexpected', detail } } as const;
  }

  async #validToken(): Promise<DoorResult<string>> {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#token && this.#token.goodUntilMs > nowMs) return { ok: true, value: this.#token.jwt };
    if (this.#accountRefused && this.#accountRefused.untilMs > nowMs) {
      return { ok: false, error: this.#accountRefused.error };
    }
    this.#signingIn ??= this.#signIn()
      .catch((error: unknown) => unreachable(`sign-in: ${String(error)}`))
      .finally(() => {
        this.#signingIn = null;
      });
    return this.#signingIn;
  }

  async #signIn(): Promise<DoorResult<string>> {
    const { clock, account, log } = this.#options;
    const askedAtMs = clock.monotonicMs();
    const credentials = { email: account.email, password: account.password };
    const { data, error } = await this.#auth.auth.signInWithPassword(credentials);
    if (!error && data.session) {
      this.#accountRefused = null;
      this.#signatureTrouble = signatureTrouble(data.session.access_token);
      const lifetimeMs = data.session.expires_in * 1000;
      const margin = Math.min(TOKEN_MARGIN_MS, lifetimeMs / 4);
      this.#token = { jwt: data.session.access_token, goodUntilMs: askedAtMs + lifetimeMs - margin };
      return { ok: true, value: data.session.access_token };
    }
    const status = error?.status ?? 0;
    const detail = `sign-in: ${status} ${error?.code ?? ''} ${error?.message ?? 'no session'}`.slice(0, 300);
    if (
      isAuthRetryableFetchError(error) ||
      status === 0 ||
      status === 404 ||
      status === 429 ||
      status >= 500
    ) {
      return unreachable(detail);
    }
    log.error({ status, errorCode: error?.code }, 'Supabase does not let the device account in');
    const refused: DoorError = { kind: 'unauthorized', detail };
    const refusals = (this.#accountRefused?.refusals ?? 0) + 1;
    const untilMs = clock.monotonicMs() + backoffMs(RETRY_REFUSED, refusals);
    this.#accountRefused = { error: refused, untilMs, refusals };
    return { ok: false, error: refused };
  }

  /** Notes the outcome of a call: an answer of any kind shows that the database is there. */
  #contact(error: DoorError | null): void {
    const there = error === null || error.kind === 'refused' || error.kind === 'unexpected';
    this.#lastContactMs = this.#options.clock.monotonicMs();
    this.#lastError = there ? null : error;
    if (there === this.#reachable || this.#stopped) return;
    this.#reachable = there;
    this.#missedProbes = 0;
    if (there) this.#options.log.info('the database answers');
    else this.#options.log.warn({ reason: error }, 'the database is out of reach');
    this.#scheduleProbe();
    for (const listener of [...this.#listeners]) listener(there);
  }

  #probe(): void {
    const quietMs = this.#options.clock.monotonicMs() - this.#lastContactMs;
    if (this.#stopped) return;
    if (this.#reachable && quietMs < PROBE_IDLE_MS) this.#scheduleProbe();
    else void this.listPackages().finally(() => this.#scheduleProbe());
  }

  #scheduleProbe(): void {
    this.#probeTimer?.cancel();
    if (this.#stopped) return;
    const periodMs = this.#reachable ? PROBE_IDLE_MS : this.#nextTryMs();
    const delayMs = periodMs * (0.75 + this.#random() * 0.5);
    this.#probeTimer = this.#options.clock.setTimer(() => this.#probe(), delayMs);
  }

  #nextTryMs(): number {
    this.#missedProbes += 1;
    return backoffMs(PROBE_UNREACHABLE, this.#missedProbes);
  }
}

function unreachable(detail: string): { ok: false; error: DoorError } {
  return { ok: false, error: { kind: 'unreachable', detail } };
}
