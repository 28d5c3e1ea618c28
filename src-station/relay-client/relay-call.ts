/**
 * One call to the relay (or an Edge Function), as the kiosk's device account. Promises: it has a time limit, its answer
 * is parsed, and a failure is a `RelayFault` of a closed set.
 */
import { z } from 'zod';
import { parseJson } from '../../src-shared/parse-json.ts';
import { relayAddress } from '../../src-shared/relay-address.ts';
import { relayErrorSchema } from '../../src-shared/relay-api.ts';
import { type Backoff, pause, retried } from '../../src-shared/retry.ts';

/**
 * `unreachable`: no answer, or the relay can't answer now; `refused`: it said no, with `code` of RELAY_ERRORS;
 * `unexpected`: an answer that the contract does not know.
 */
export type RelayFaultKind = 'unreachable' | 'refused' | 'unexpected';

export class RelayFault extends Error {
  readonly kind: RelayFaultKind;
  /** Code of RELAY_ERRORS, empty when there was none. */
  readonly code: string;

  constructor(kind: RelayFaultKind, code: string, message: string) {
    super(message);
    this.name = 'RelayFault';
    this.kind = kind;
    this.code = code;
  }
}

export interface RelayCallOptions {
  baseUrl: string;
  /** Access token of the device account, null when there is none now. */
  kioskJwt: () => Promise<string | null>;
  timeoutMs?: number;
  /** Waits between two tries. */
  pause?: (ms: number) => Promise<void>;
}

const TIMEOUT_MS = 10_000;
const TRIES = 3;
const RETRY: Backoff = { firstMs: 300, longestMs: 600 };

export interface RelayCaller {
  /** GET, or POST when there is a body. @throws RelayFault */
  call<Answer>(path: string, answer: z.ZodType<Answer>, body?: unknown): Promise<Answer>;
  /** Runs what may be run twice, again while the relay can't be reached. @throws RelayFault of the last try */
  repeated<Answer>(run: () => Promise<Answer>): Promise<Answer>;
}

export function createRelayCaller(options: RelayCallOptions): RelayCaller {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;

  async function call<Answer>(path: string, answer: z.ZodType<Answer>, body?: unknown): Promise<Answer> {
    const jwt = await options.kioskJwt();
    if (jwt === null) throw new RelayFault('unreachable', '', 'no access token now');
    const init: RequestInit = { headers: { authorization: `Bearer ${jwt}` } };
    if (body !== undefined) {
      init.method = 'POST';
      init.body = JSON.stringify(body);
      init.headers = { ...init.headers, 'content-type': 'application/json' };
    }
    return readAnswer(await request(relayAddress(options.baseUrl, path), init, timeoutMs), answer);
  }

  const mayHelp = (failures: number, error: unknown) =>
    error instanceof RelayFault && error.kind === 'unreachable' && failures < TRIES;
  const repeated = <Answer>(run: () => Promise<Answer>) =>
    retried(run, { backoff: RETRY, again: mayHelp, wait: options.pause ?? pause });

  return { call, repeated };
}

/** @throws RelayFault unreachable */
export async function request(url: string, init: RequestInit, timeoutMs: number): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    throw new RelayFault('unreachable', '', error instanceof Error ? error.message : String(error));
  }
}

async function readAnswer<Answer>(response: Response, answer: z.ZodType<Answer>): Promise<Answer> {
  const text = await response.text().catch(() => '');
  const body = parseJson(text);
  if (response.ok) {
    const parsed = answer.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new RelayFault('unexpected', '', `answer ${response.status}: ${z.prettifyError(parsed.error)}`);
  }
  const refusal = relayErrorSchema.safeParse(body);
  const code = refusal.success ? refusal.data.error.code : '';
  const message = refusal.success ? refusal.data.error.message : `status ${response.status}`;
  throw new RelayFault(response.status >= 500 ? 'unreachable' : 'refused', code, message);
}
