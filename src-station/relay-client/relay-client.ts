/**
 * The station's calls to the relay, as the kiosk's device account. Promises: every call has a time limit, only calls
 * that may be repeated are repeated, answers are parsed, and failures are `RelayFault`s of a closed set.
 */
import { z } from 'zod';
import { healthReportSchema } from '../../src-shared/health.ts';
import { relayAddress } from '../../src-shared/relay-address.ts';
import {
  createCheckoutRequestSchema,
  createElementPaymentRequestSchema,
  createTerminalPaymentRequestSchema,
  type Purchase,
  purchaseSchema,
  type RedeemResponse,
  redeemRequestSchema,
  redeemResponseSchema,
  relayErrorSchema,
} from '../../src-shared/relay-api.ts';

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

export interface RelayClientOptions {
  baseUrl: string;
  /** Access token of the device account, null when there is none now. */
  kioskJwt: () => Promise<string | null>;
  timeoutMs?: number;
  /** Waits between two tries. */
  pause?: (ms: number) => Promise<void>;
}

export interface RelayClient {
  /** Idempotent by purchaseId. */
  createCheckout(request: z.input<typeof createCheckoutRequestSchema>): Promise<Purchase>;
  /** At the card reader; idempotent by purchaseId and attempt. */
  startTerminalPayment(request: z.input<typeof createTerminalPaymentRequestSchema>): Promise<Purchase>;
  /** With a card typed at this computer; idempotent by purchaseId. */
  startElementPayment(request: z.input<typeof createElementPaymentRequestSchema>): Promise<Purchase>;
  purchase(purchaseId: string, visitId: string): Promise<Purchase>;
  /** Ends the checkout; a purchase paid meanwhile is fulfilled by the relay. Idempotent. */
  cancelPurchase(purchaseId: string, visitId: string): Promise<Purchase>;
  /** Never repeated by itself: each wrong try counts. */
  redeem(request: z.input<typeof redeemRequestSchema>): Promise<RedeemResponse>;
  /** Checks of the relay's `/health`. */
  health(): Promise<Record<string, string>>;
}

const TIMEOUT_MS = 10_000;
const HEALTH_TIMEOUT_MS = 2_500;
const TRIES = 3;
const FIRST_PAUSE_MS = 300;

export function createRelayClient(options: RelayClientOptions): RelayClient {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const pause = options.pause ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));

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

  async function repeated<Answer>(run: () => Promise<Answer>): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run();
      } catch (error) {
        const again = error instanceof RelayFault && error.kind === 'unreachable' && attempt < TRIES;
        if (!again) throw error;
        await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
      }
    }
  }

  return {
    createCheckout: (request_) => {
      const body = createCheckoutRequestSchema.parse(request_);
      return repeated(() => call('/checkout-sessions', purchaseSchema, body));
    },
    startTerminalPayment: (request_) => {
      const body = createTerminalPaymentRequestSchema.parse(request_);
      return repeated(() => call('/terminal-payments', purchaseSchema, body));
    },
    startElementPayment: (request_) => {
      const body = createElementPaymentRequestSchema.parse(request_);
      return repeated(() => call('/element-payments', purchaseSchema, body));
    },
    purchase: (purchaseId, visitId) =>
      call(`/purchases/${purchaseId}?${new URLSearchParams({ visitId })}`, purchaseSchema),
    cancelPurchase: (purchaseId, visitId) =>
      repeated(() => call(`/purchases/${purchaseId}/cancel`, purchaseSchema, { visitId })),
    redeem: async (request_) => call('/redeem', redeemResponseSchema, redeemRequestSchema.parse(request_)),
    health: async () => {
      const response = await request(relayAddress(options.baseUrl, '/health'), {}, HEALTH_TIMEOUT_MS);
      const report = healthReportSchema.safeParse(await response.json().catch(() => undefined));
      if (!report.success) throw new RelayFault('unexpected', '', 'the relay has no health report');
      return report.data.checks;
    },
  };
}

async function request(url: string, init: RequestInit, timeoutMs: number): Promise<Response> {
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
