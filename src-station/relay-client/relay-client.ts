/**
 * The station's calls to the relay, as the kiosk's device account. Promises: every call has a time limit, only calls
 * that may be repeated are repeated, answers are parsed, and failures are `RelayFault`s of a closed set.
 */
import type { z } from 'zod';
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
} from '../../src-shared/relay-api.ts';
import { createRelayCaller, type RelayCallOptions, RelayFault, request } from './relay-call.ts';

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

const HEALTH_TIMEOUT_MS = 2_500;

export function createRelayClient(options: RelayCallOptions): RelayClient {
  const { call, repeated } = createRelayCaller(options);
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
      // Open to everybody; a fleet's functions tell of the card reader beside this very kiosk.
      const jwt = await options.kioskJwt();
      const init = jwt === null ? {} : { headers: { authorization: `Bearer ${jwt}` } };
      const response = await request(relayAddress(options.baseUrl, '/health'), init, HEALTH_TIMEOUT_MS);
      const report = healthReportSchema.safeParse(await response.json().catch(() => undefined));
      if (!report.success) throw new RelayFault('unexpected', '', 'the relay has no health report');
      return report.data.checks;
    },
  };
}
