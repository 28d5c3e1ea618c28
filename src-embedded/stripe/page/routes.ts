/**
 * The hosted pages over HTTP: /c/pay/cs_test_… and its bank page, /3ds/pi_… for intents confirmed by the API. They work
 * without JavaScript and load nothing from elsewhere. Bodies with card data are read here and never logged or kept.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Moment } from '../core/moment.ts';
import type { IntentRecord, SessionRecord } from '../core/records.ts';
import type { Store } from '../store/store.ts';
import { type CheckedForm, checkCardForm } from './card-form.ts';
import { answerBank, paySession } from './checkout.ts';
import { bankPage, checkoutPage, declineText, type FormState, statePage, successUrl } from './pages.ts';
import { chooseLanguage, type Language } from './words.ts';

export interface PageOptions {
  store: Store;
  moment(): Moment;
  /** Called before a page looks at the state: ends what is overdue. */
  refresh(): void;
  /** Called after something changed. */
  changed(): void;
}

const idParams = z.object({ id: z.string().max(100) });
const EMPTY_FORM: FormState = { email: '', mistakes: {}, declined: null };

export function registerPages(server: FastifyInstance, options: PageOptions): void {
  const { store } = options;

  function load(request: FastifyRequest): {
    id: string;
    record: SessionRecord | undefined;
    language: Language;
  } {
    options.refresh();
    const { id } = idParams.parse(request.params);
    const record = store.get('checkout_session', id);
    return { id, record, language: languageOf(request, record?.session.locale ?? null) };
  }

  server.get('/c/pay/:id', (request, reply) => {
    const { record, language } = load(request);
    if (!record) return send(reply, 404, statePage('unknown', language));
    const { status } = record.session;
    if (status === 'complete') return send(reply, 200, statePage('paid', language, record));
    if (status !== 'open') return send(reply, 200, statePage('expired', language, record));
    return sendForm(reply, 200, record, { ...EMPTY_FORM, declined: lastDecline(record, language) }, language);
  });

  server.post('/c/pay/:id', (request, reply) => {
    const { id, record, language } = load(request);
    if (!record) return send(reply, 404, statePage('unknown', language));
    if (record.session.status !== 'open') return sendClosed(reply, record, language);
    const form = formOf(request);
    const email = record.session.customer_email ?? form['email'] ?? '';
    const checked: CheckedForm = checkCardForm(
      { ...form, email },
      options.moment().nowSeconds,
      language.words,
    );
    if (!checked.card) {
      return sendForm(reply, 422, record, { email, mistakes: checked.mistakes, declined: null }, language);
    }
    const paid = paySession(store, id, checked.card, options.moment());
    options.changed();
    if (paid.state === 'asks_bank') return reply.redirect(`/c/pay/${id}/3ds`, 303);
    if (paid.state !== 'declined') return sendClosed(reply, paid.record, language);
    const declined = declineText(paid.codes, language.words);
    return sendForm(reply, 402, record, { email, mistakes: {}, declined }, language);
  });

  server.get('/c/pay/:id/3ds', (request, reply) => {
    const { id, record, language } = load(request);
    const intent = record && intentOf(record);
    if (!record || !intent) return send(reply, 404, statePage('unknown', language));
    if (record.session.status !== 'open') return sendClosed(reply, record, language);
    if (intent.intent.status !== 'requires_action') return reply.redirect(`/c/pay/${id}`, 303);
    return send(reply, 200, bankPage(intent.intent, language), originOf(record.session.success_url));
  });

  server.post('/c/pay/:id/3ds', (request, reply) => {
    const { id, record, language } = load(request);
    if (!record) return send(reply, 404, statePage('unknown', language));
    if (record.session.status !== 'open') return sendClosed(reply, record, language);
    const intentId = record.session.payment_intent;
    const confirmed = formOf(request)['answer'] === 'complete';
    const answered = typeof intentId === 'string' && answerBank(store, intentId, confirmed, options.moment());
    options.changed();
    if (answered && confirmed && answered.session) return sendClosed(reply, answered.session, language);
    return reply.redirect(`/c/pay/${id}`, 303);
  });

  server.get('/3ds/:id', (request, reply) => {
    const { record, language } = loadIntent(request);
    if (record?.intent.status !== 'requires_action') return send(reply, 404, statePage('unknown', language));
    return send(reply, 200, bankPage(record.intent, language), originOf(returnUrlOf(record)));
  });

  server.post('/3ds/:id', (request, reply) => {
    const { record, language } = loadIntent(request);
    const confirmed = formOf(request)['answer'] === 'complete';
    const returnUrl = record && returnUrlOf(record);
    const answered = record && answerBank(store, record.intent.id, confirmed, options.moment());
    options.changed();
    if (!answered) return send(reply, 404, statePage('unknown', language));
    if (!returnUrl) return send(reply, 200, statePage(confirmed ? 'paid' : 'expired', language));
    const target = new URL(returnUrl);
    const { intent } = answered.result.record;
    target.searchParams.set('payment_intent', intent.id);
    target.searchParams.set('payment_intent_client_secret', intent.client_secret ?? '');
    target.searchParams.set('redirect_status', confirmed ? 'succeeded' : 'failed');
    return reply.redirect(target.href, 303);
  });

  function intentOf(record: SessionRecord): IntentRecord | undefined {
    const { payment_intent: id } = record.session;
    return typeof id === 'string' ? store.get('payment_intent', id) : undefined;
  }

  function loadIntent(request: FastifyRequest): { record: IntentRecord | undefined; language: Language } {
    const record = store.get('payment_intent', idParams.parse(request.params).id);
    const own = record?.checkoutSessionId === null ? record : undefined;
    return { record: own, language: languageOf(request, null) };
  }

  function lastDecline(record: SessionRecord, language: Language): string | null {
    const error = intentOf(record)?.intent.last_payment_error;
    return error ? declineText([error.decline_code, error.code], language.words) : null;
  }
}

function returnUrlOf(record: IntentRecord): string | null {
  return record.intent.next_action?.redirect_to_url?.return_url ?? null;
}

export function languageOf(request: FastifyRequest, locale: string | null): Language {
  return chooseLanguage(locale, request.headers['accept-language']);
}

export function formOf(request: FastifyRequest): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(typeof request.body === 'string' ? request.body : ''));
}

/** A paid session goes on to where the product wants the person; an expired one says so. */
function sendClosed(reply: FastifyReply, record: SessionRecord, language: Language): FastifyReply {
  const { session } = record;
  if (session.status !== 'complete') return send(reply, 410, statePage('expired', language, record));
  const next = successUrl(session);
  return next ? reply.redirect(next, 303) : send(reply, 200, statePage('paid', language, record));
}

function sendForm(
  reply: FastifyReply,
  status: number,
  record: SessionRecord,
  state: FormState,
  language: Language,
): FastifyReply {
  return send(reply, status, checkoutPage(record, state, language), originOf(record.session.success_url));
}

/** `redirectOrigin`: where the form's answer may send the browser, which `form-action` must allow. */
export function send(
  reply: FastifyReply,
  status: number,
  page: string,
  redirectOrigin: string | null = null,
): FastifyReply {
  const targets = ["'self'", redirectOrigin ?? ''].join(' ').trim();
  return reply
    .code(status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; form-action ${targets}; base-uri 'none'; frame-ancestors 'none'`,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
    .send(page);
}

function originOf(url: string | null): string | null {
  return url === null ? null : new URL(url).origin;
}
