/** A simulated Terminal reader, driven from the server. https://docs.stripe.com/terminal/payments/collect-card-payment */
import type Stripe from 'stripe';
import { invalidRequest } from './errors.ts';
import type { Moment } from './moment.ts';
import { confirmIntent, type IntentResult } from './payment-intent.ts';
import { createPaymentMethod } from './payment-method.ts';
import { type Change, type IntentRecord, joinChanges } from './records.ts';

export interface NewReader {
  /** For a reader under a known id; otherwise it gets one. */
  id?: string;
  registrationCode: string;
  label: string | null;
  location: string | null;
  metadata: Record<string, string>;
}

export interface ReaderResult {
  reader: Stripe.Terminal.Reader;
  change: Change;
}

const SIMULATED_DEVICES = new Map<string, Stripe.Terminal.Reader.DeviceType>([
  ['simulated-wpe', 'simulated_wisepos_e'],
  ['simulated-s700', 'simulated_stripe_s700'],
  ['simulated-s710', 'simulated_stripe_s710'],
]);

/** Registers a simulated reader. @throws StripeError for a code of real hardware. */
export function createReader(input: NewReader, moment: Moment): ReaderResult {
  const device = SIMULATED_DEVICES.get(input.registrationCode);
  if (!device) {
    const codes = [...SIMULATED_DEVICES.keys()].join(', ');
    throw invalidRequest(`The sandbox has simulated readers only. Registration codes: ${codes}.`, {
      param: 'registration_code',
    });
  }
  const id = input.id ?? moment.newId('tmr');
  const serial = `${device.replaceAll('_', '-')}-${id.slice(-8)}`;
  return kept({
    id,
    object: 'terminal.reader',
    action: null,
    device_sw_version: '',
    device_type: device,
    ip_address: '127.0.0.1',
    label: input.label ?? serial,
    last_seen_at: moment.nowSeconds * 1000,
    livemode: false,
    location: input.location,
    metadata: input.metadata,
    serial_number: serial,
    status: 'online',
  });
}

/** Shows a payment on the reader. @throws StripeError when the reader is busy or the intent isn't for a reader. */
export function processIntent(reader: Stripe.Terminal.Reader, intent: Stripe.PaymentIntent): ReaderResult {
  if (reader.status === 'offline') {
    throw invalidRequest('The reader is offline.', { code: 'terminal_reader_offline' });
  }
  if (reader.action?.status === 'in_progress') {
    throw invalidRequest('The reader is busy with another action.', { code: 'terminal_reader_busy' });
  }
  if (!intent.payment_method_types.includes('card_present')) {
    throw invalidRequest('The PaymentIntent must allow card_present to be taken by a reader.', {
      code: 'payment_intent_invalid_parameter',
      param: 'payment_intent',
    });
  }
  if (intent.status !== 'requires_payment_method' && intent.status !== 'requires_confirmation') {
    throw invalidRequest(
      `The PaymentIntent has the status ${intent.status}, so that a reader cannot take it.`,
      {
        code: 'intent_invalid_state',
        payment_intent: intent,
      },
    );
  }
  return kept({ ...reader, action: actionOf(intent.id, 'in_progress', null) });
}

/** Takes the running action off the reader; the intent stays as it is. @throws StripeError when there is none. */
export function cancelAction(reader: Stripe.Terminal.Reader): ReaderResult {
  if (reader.action?.status !== 'in_progress') {
    throw invalidRequest('There is no action on the reader that could be cancelled.');
  }
  return kept({ ...reader, action: null });
}

/** Takes the reader off the network, or brings it back. */
export function setReaderStatus(
  reader: Stripe.Terminal.Reader,
  status: Stripe.Terminal.Reader.Status,
): ReaderResult {
  return kept({ ...reader, status });
}

/** A card is held to a reader that shows `record`. @throws StripeError when the card can't be used at a reader. */
export function presentCard(
  reader: Stripe.Terminal.Reader,
  record: IntentRecord,
  number: string,
  moment: Moment,
): ReaderResult {
  const expYear = new Date(moment.nowSeconds * 1000).getUTCFullYear() + 1;
  const method = createPaymentMethod({ number, expMonth: 12, expYear, email: null }, moment, 'card_present');
  if (method.behaviour.kind === 'asks_three_d_secure') {
    throw invalidRequest('A card at a reader is not asked for 3-D Secure.', {
      param: 'card_present[number]',
    });
  }
  return finishAction(reader, confirmIntent(record, method, { url: '', returnUrl: null }, moment));
}

/** The intent id that the reader shows. @throws StripeError when it shows none. */
export function shownIntentId(reader: Stripe.Terminal.Reader): string {
  const shown =
    reader.action?.status === 'in_progress' && reader.action.process_payment_intent?.payment_intent;
  if (typeof shown !== 'string') throw invalidRequest('The reader is not waiting for a card.');
  return shown;
}

/** The reader after a card was shown to it, with how the payment went. */
function finishAction(reader: Stripe.Terminal.Reader, result: IntentResult): ReaderResult {
  const { intent } = result.record;
  const action = actionOf(intent.id, result.failure ? 'failed' : 'succeeded', result.failure);
  const next = kept({ ...reader, action });
  const type = result.failure ? 'terminal.reader.action_failed' : 'terminal.reader.action_succeeded';
  const change = joinChanges(result.change, { ...next.change, events: [{ type, object: next.reader }] });
  return { reader: next.reader, change };
}

function actionOf(
  intentId: string,
  status: Stripe.Terminal.Reader.Action.Status,
  failure: IntentResult['failure'],
): Stripe.Terminal.Reader.Action {
  return {
    api_error: null,
    failure_code: failure?.decline_code ?? failure?.code ?? null,
    failure_message: failure?.message ?? null,
    process_payment_intent: { payment_intent: intentId },
    status,
    type: 'process_payment_intent',
  };
}

function kept(reader: Stripe.Terminal.Reader): ReaderResult {
  return { reader, change: { puts: [{ kind: 'reader', id: reader.id, record: reader }], events: [] } };
}
