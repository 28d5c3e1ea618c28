/**
 * Stripe's error object. `StripeError` is thrown by a transition or a handler that refuses: nothing of the request is
 * kept then. A card decline is not thrown, because its traces (charge, events) are kept.
 * Shapes: https://docs.stripe.com/api/errors
 */
import type Stripe from 'stripe';
import type { PublicIntent } from './publishable.ts';

export interface ErrorBody {
  type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';
  message: string;
  code?: string;
  decline_code?: string;
  param?: string;
  charge?: string;
  payment_intent?: Stripe.PaymentIntent | PublicIntent;
  payment_method?: Stripe.PaymentMethod;
}

export class StripeError extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.name = 'StripeError';
    this.status = status;
    this.body = body;
  }
}

/** 400 `invalid_request_error`. */
export function invalidRequest(message: string, details: Partial<ErrorBody> = {}): StripeError {
  return new StripeError(400, { type: 'invalid_request_error', message, ...details });
}

/** 404 for an id in the path, 400 for one in a parameter, as Stripe answers. */
export function noSuch(thing: string, id: string, param = 'id', status = 404): StripeError {
  return new StripeError(status, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    param,
    message: `No such ${thing}: '${id}'`,
  });
}
