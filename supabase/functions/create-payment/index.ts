/** create-payment/…: the relay's routes for buying, its prices and its health, under their own paths. */
import { z } from 'zod';
import { type Credentials, callerOf, kioskOf } from '../../../src-relay/model/callers.ts';
import { startCheckout, startPaymentIntent } from '../../../src-relay/payments/begin.ts';
import { cancelPurchase, readPurchase } from '../../../src-relay/payments/purchases.ts';
import { startTerminalPayment } from '../../../src-relay/payments/terminal-payments.ts';
import { inboxLine } from '../../../src-relay/webhooks/inbox-line.ts';
import { healthReport } from '../../../src-runtime/health.ts';
import { requireSigningKeys, signingKeysLine } from '../../../src-runtime/signing-keys.ts';
import {
  createCheckoutRequestSchema,
  createPaymentIntentRequestSchema,
  createTerminalPaymentRequestSchema,
  ofVisitSchema,
} from '../../../src-shared/relay-api.ts';
import { parts } from '../_shared/parts.ts';
import { bodyAs, type Call, checked, serveFunction } from '../_shared/serve.ts';

const purchaseId = ({ params }: Call) => checked(z.uuid(), params['id'], 'params.id');

serveFunction('create-payment', '', {
  'POST /checkout-sessions': (call) =>
    startCheckout(parts, kioskOf(call.credentials), bodyAs(createCheckoutRequestSchema, call)),
  'POST /terminal-payments': (call) =>
    startTerminalPayment(parts, kioskOf(call.credentials), bodyAs(createTerminalPaymentRequestSchema, call)),
  'POST /create-payment-intent': (call) =>
    startPaymentIntent(parts, callerOf(call.credentials), bodyAs(createPaymentIntentRequestSchema, call)),
  'GET /purchases/:id': (call) => {
    const { visitId } = checked(ofVisitSchema, call.query, 'querystring');
    return readPurchase(parts, callerOf(call.credentials), purchaseId(call), visitId);
  },
  'POST /purchases/:id/cancel': (call) => {
    const { visitId } = bodyAs(ofVisitSchema, call);
    return cancelPurchase(parts, callerOf(call.credentials), purchaseId(call), visitId);
  },
  'GET /pricing': async () => ({ packages: await parts.purchases.listPackages() }),
  // Who asks need not say who it is; a kiosk that does is told of the reader beside it too.
  'GET /health': async ({ credentials }) =>
    healthReport('relay', 'edge-function', {
      database: await lineOf(parts.purchases.listPackages(), () => 'no answer from the database'),
      signingKeys: await lineOf(requireSigningKeys(parts.supabaseUrl), signingKeysLine),
      stripe: await lineOf(parts.stripe.probe(), () => 'no good answer from Stripe'),
      ...(await readerLine(credentials)),
      ...(await inboxTrouble()),
    }),
});

async function readerLine(credentials: Credentials): Promise<{ reader?: string }> {
  const isKiosk = typeof credentials !== 'string' && credentials.kind === 'kiosk';
  const reader = isKiosk ? parts.readers.beside(credentials.kioskId) : undefined;
  if (!reader) return {};
  const trouble = () => 'the card reader is offline: check its power, its network and TERMINAL_READERS';
  return { reader: await lineOf(reader.probe(), trouble) };
}

/** Events that wait for a person; said only while there are some. */
async function inboxTrouble(): Promise<{ webhooks?: string }> {
  const line = await parts.events.state().then(inboxLine, () => 'ok');
  return line === 'ok' ? {} : { webhooks: line };
}

function lineOf(probe: Promise<unknown>, trouble: (error: unknown) => string): Promise<string> {
  return probe.then(() => 'ok', trouble);
}
