/**
 * The sandbox's own small Stripe.js, under the address that the real one has: `/v3/` is the script for the product's
 * page, `/v3/elements` the card fields that it puts into a frame. The fields confirm with the publishable key and the
 * client secret against this same server, so the product's page never has a card number.
 */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { browserScript } from '../../../src-runtime/browser-script.ts';
import { cspHash } from '../../../src-runtime/hash.ts';
import { ELEMENTS_STYLE } from './elements-style.ts';
import { Html, html } from './html.ts';
import { languageOf } from './routes.ts';
import { directionOf, type Language } from './words.ts';

const CLIENT = await browserScript(import.meta.url, 'elements-client');
const FRAME = await browserScript(import.meta.url, 'elements-frame');

const query = z.object({ locale: z.string().max(10).optional() });

export function registerElements(server: FastifyInstance): void {
  server.get('/v3/', (_, reply) =>
    reply
      .headers({
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      })
      .send(CLIENT),
  );

  server.get('/v3/elements', (request, reply) => {
    const { locale } = query.parse(request.query);
    return reply.headers(FRAME_HEADERS).send(framePage(languageOf(request, locale ?? null)));
  });
}

/** As Stripe's fields, these may stand in any page; they speak only with the one that their address names. */
const FRAME_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    `default-src 'none'; script-src ${cspHash(FRAME)}; style-src ${cspHash(ELEMENTS_STYLE)}; ` +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors http: https:",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

function framePage({ tag, words }: Language): string {
  const {
    bankComplete,
    bankFail,
    bankText,
    bankTitle,
    banner,
    cardNumber,
    cardPays,
    cvc,
    expiry,
    expiryHint,
  } = words;
  // What the script says by itself, by the code of the card error.
  const spoken = {
    ...words.declines,
    declined: words.declined,
    incorrect_number: words.errorNumber,
    invalid_expiry_month: words.errorExpiry,
    invalid_expiry_year: words.errorExpired,
    invalid_expiry: words.errorExpiry,
    invalid_cvc: words.errorCvc,
    fix_fields: words.fixFields,
  };
  return html`<!doctype html>
<html lang="${tag}" dir="${directionOf(tag)}">
<head>
<meta charset="utf-8">
<title>${words.heading}</title>
<style>${new Html(ELEMENTS_STYLE)}</style>
</head>
<body data-words="${JSON.stringify(spoken)}">
<form id="card" novalidate>
  <p class="banner">${banner}. <bdi dir="ltr">4242 4242 4242 4242</bdi> ${cardPays}.</p>
  ${field('number', cardNumber, html`autocomplete="cc-number" placeholder="1234 1234 1234 1234" maxlength="30"`)}
  <div class="pair">
  ${field('expiry', expiry, html`autocomplete="cc-exp" placeholder="${expiryHint}" maxlength="9"`)}
  ${field('cvc', cvc, html`autocomplete="cc-csc" placeholder="123" maxlength="4"`)}
  </div>
</form>
<section id="bank" hidden>
  <h2>${bankTitle}</h2>
  <p>${bankText} <strong id="amount"></strong></p>
  <button type="button" value="complete">${bankComplete}</button>
  <button type="button" value="fail">${bankFail}</button>
</section>
<script type="module">${new Html(FRAME)}</script>
</body>
</html>
`.text;
}

function field(name: 'number' | 'expiry' | 'cvc', label: string, attributes: Html): Html {
  return html`<div class="field"><label for="${name}">${label}</label>
    <input id="${name}" dir="ltr" inputmode="numeric" aria-describedby="${name}-mistake" required ${attributes}>
    <p class="mistake" id="${name}-mistake" hidden></p></div>`;
}
