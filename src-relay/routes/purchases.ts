/** Buying: POST /checkout-sessions, POST /terminal-payments, POST /element-payments, POST /create-payment-intent, GET /purchases/:id, POST /purchases/:id/cancel. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  createCheckoutRequestSchema,
  createElementPaymentRequestSchema,
  createPaymentIntentRequestSchema,
  createPaymentIntentResponseSchema,
  createTerminalPaymentRequestSchema,
  ofVisitSchema,
  purchaseSchema,
} from '../../src-shared/relay-api.ts';
import { callerOf, kioskOf } from '../model/callers.ts';
import { withErrors } from '../model/errors.ts';
import {
  type CheckoutNeeds,
  type PaymentIntentNeeds,
  startCheckout,
  startPaymentIntent,
} from '../payments/begin.ts';
import { type ElementNeeds, startElementPayment } from '../payments/element-payments.ts';
import { type CancelNeeds, cancelPurchase, type ReadNeeds, readPurchase } from '../payments/purchases.ts';
import { startTerminalPayment, type TerminalNeeds } from '../payments/terminal-payments.ts';

/** More than a person can begin. */
const BEGINNINGS = { rateLimit: { max: 60, timeWindow: '1 minute' } };

const purchaseParams = z.object({ id: z.uuid() });

export type PurchaseNeeds = CheckoutNeeds &
  TerminalNeeds &
  ElementNeeds &
  PaymentIntentNeeds &
  ReadNeeds &
  CancelNeeds;

export function registerPurchaseRoutes(app: FastifyInstance, needs: PurchaseNeeds): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.post(
    '/checkout-sessions',
    {
      config: BEGINNINGS,
      schema: {
        summary: 'Open a payment page, to be shown as a QR code',
        body: createCheckoutRequestSchema,
        response: withErrors(purchaseSchema),
      },
    },
    ({ body, credentials }) => startCheckout(needs, kioskOf(credentials), body),
  );

  routes.post(
    '/terminal-payments',
    {
      config: BEGINNINGS,
      schema: {
        summary: 'Let the card reader wait for a card',
        body: createTerminalPaymentRequestSchema,
        response: withErrors(purchaseSchema),
      },
    },
    ({ body, credentials }) => startTerminalPayment(needs, kioskOf(credentials), body),
  );

  routes.post(
    '/element-payments',
    {
      config: BEGINNINGS,
      schema: {
        summary: 'Open the page on which a card is typed at the kiosk itself',
        body: createElementPaymentRequestSchema,
        response: withErrors(purchaseSchema),
      },
    },
    ({ body, credentials }) => startElementPayment(needs, kioskOf(credentials), body),
  );

  routes.post(
    '/create-payment-intent',
    {
      config: BEGINNINGS,
      schema: {
        summary: 'Begin a payment for the Payment Element or a card reader',
        body: createPaymentIntentRequestSchema,
        response: withErrors(createPaymentIntentResponseSchema),
      },
    },
    ({ body, credentials }) => startPaymentIntent(needs, callerOf(credentials), body),
  );

  routes.get(
    '/purchases/:id',
    {
      schema: {
        summary: 'How a purchase stands',
        params: purchaseParams,
        querystring: ofVisitSchema,
        response: withErrors(purchaseSchema),
      },
    },
    ({ params, query, credentials }) => readPurchase(needs, callerOf(credentials), params.id, query.visitId),
  );

  routes.post(
    '/purchases/:id/cancel',
    {
      schema: {
        summary: 'Leave the payment',
        params: purchaseParams,
        body: ofVisitSchema,
        response: withErrors(purchaseSchema),
      },
    },
    ({ params, body, credentials }) => cancelPurchase(needs, callerOf(credentials), params.id, body.visitId),
  );
}
