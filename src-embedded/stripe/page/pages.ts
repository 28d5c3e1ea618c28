/** The hosted pages as HTML: the card form, the bank's question (3-D Secure), and how a payment ended. */
import type Stripe from 'stripe';
import type { SessionRecord } from '../core/records.ts';
import type { FieldName, Mistakes } from './card-form.ts';
import { Html, html } from './html.ts';
import { STYLE } from './style.ts';
import { directionOf, type Language } from './words.ts';
import type { Words } from './words-shape.ts';

/** What stands in the form again after a refused try; card data is never sent back. */
export interface FormState {
  email: string;
  mistakes: Mistakes;
  /** Why the last try did not go through, or null. */
  declined: string | null;
}

const TEST_CARDS: [number: string, does: 'cardPays' | 'cardDeclines' | 'cardInsufficient' | 'cardAsks'][] = [
  ['4242 4242 4242 4242', 'cardPays'],
  ['4000 0000 0000 0002', 'cardDeclines'],
  ['4000 0000 0000 9995', 'cardInsufficient'],
  ['4000 0027 6000 3184', 'cardAsks'],
];

/** The card form of an open session. */
export function checkoutPage(record: SessionRecord, state: FormState, language: Language): string {
  const { words } = language;
  const { session } = record;
  const total = amountText(session.amount_total, session.currency, language);
  return page(
    language,
    words.heading,
    html`<h1>${words.heading}</h1>
<p class="amount">${total}</p>
${itemList(record, language)}
${alertBox(state, words)}
<form method="post" novalidate autocomplete="on">
  ${emailField(session, state, words)}
  ${field('number', words.cardNumber, state.mistakes, html`inputmode="numeric" autocomplete="cc-number" placeholder="4242 4242 4242 4242" maxlength="30"`)}
  <div class="pair">
    ${field('expiry', words.expiry, state.mistakes, html`inputmode="numeric" autocomplete="cc-exp" placeholder="${words.expiryHint}" maxlength="9"`)}
    ${field('cvc', words.cvc, state.mistakes, html`inputmode="numeric" autocomplete="cc-csc" placeholder="123" maxlength="4"`)}
  </div>
  <button type="submit">${words.pay} ${total}</button>
</form>
${session.cancel_url ? html`<p class="back"><a href="${session.cancel_url}">${words.back}</a></p>` : null}
<section class="cards" aria-labelledby="test-cards">
  <h2 id="test-cards">${words.testCards}</h2>
  <p>${words.testCardsHint}</p>
  <dl>${TEST_CARDS.map(([number, does]) => html`<dt>${number}</dt><dd>${words[does]}</dd>`)}</dl>
</section>
<p class="privacy">${words.privacy}</p>`,
  );
}

/** The page of the pretend bank; its form posts `answer` = complete or fail. */
export function bankPage(intent: Stripe.PaymentIntent, language: Language): string {
  const { words } = language;
  return page(
    language,
    words.bankTitle,
    html`<div class="state">
  <span class="mark ended" aria-hidden="true">?</span>
  <h1>${words.bankTitle}</h1>
  <p>${words.bankText} <strong>${amountText(intent.amount, intent.currency, language)}</strong></p>
  <form method="post">
    <button name="answer" value="complete">${words.bankComplete}</button>
    <button name="answer" value="fail" class="second">${words.bankFail}</button>
  </form>
</div>`,
  );
}

/** The display of the simulated reader. `intent`: the payment it waits with; its form posts the card's `number`. */
export function readerPage(
  intent: Stripe.PaymentIntent | null,
  action: Stripe.Terminal.Reader.Action | null,
  language: Language,
): string {
  const { words } = language;
  const { title, hold, idle, succeeded, failed } = words.reader;
  const text = action?.status === 'succeeded' ? succeeded : action?.status === 'failed' ? failed : idle;
  const cards = TEST_CARDS.filter(([, does]) => does !== 'cardAsks').map(
    (
      [number, does],
      index,
    ) => html`<button name="number" value="${number.replaceAll(' ', '')}"${index > 0 ? html` class="second"` : null}>
      ${number} (${words[does]})</button>`,
  );
  return page(
    language,
    title,
    html`<div class="state">
  <h1>${title}</h1>
  ${
    intent
      ? html`<p>${hold} <strong>${amountText(intent.amount, intent.currency, language)}</strong></p>
  <form method="post">${cards}</form>`
      : html`<p>${text}</p>`
  }
</div>`,
  );
}

/** How a payment ended, or that there is none; nothing can be changed here any more. */
export function statePage(
  state: 'paid' | 'expired' | 'unknown',
  language: Language,
  record: SessionRecord | null = null,
): string {
  const { words } = language;
  const title = words[`${state}Title`];
  const good = state === 'paid';
  const next = good && record?.session.success_url ? successUrl(record.session) : null;
  const body = html`<div class="state">
  <span class="mark ${good ? 'good' : 'ended'}" aria-hidden="true">${good ? '✓' : '–'}</span>
  <h1>${title}</h1>
  <p>${words[`${state}Text`]}</p>
  ${record && itemList(record, language)}
  ${next && html`<a class="button" href="${next}">${words.goOn}</a>`}
</div>`;
  return page(language, title, body);
}

/** Where the product wants the person after paying, with the id of the session put in. */
export function successUrl(session: Stripe.Checkout.Session): string | null {
  return session.success_url?.replaceAll('{CHECKOUT_SESSION_ID}', session.id) ?? null;
}

/** Words for a card error of a try. */
export function declineText(codes: readonly (string | undefined)[], words: Words): string {
  return (
    codes.map((code) => (code === undefined ? undefined : words.declines[code])).find(Boolean) ??
    words.declined
  );
}

function page(language: Language, title: string, body: Html): string {
  const document = html`<!doctype html>
<html lang="${language.tag}" dir="${directionOf(language.tag)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${title} · MindBot</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header class="banner">${language.words.banner}</header>
<main>${body}</main>
</body>
</html>
`;
  return document.text;
}

function itemList(record: SessionRecord, language: Language): Html {
  const items = record.lineItems.map((item) => {
    const times = (item.quantity ?? 1) > 1 ? ` × ${item.quantity}` : '';
    return html`<li><span>${item.description}${times}</span>
      <span>${amountText(item.amount_total, item.currency, language)}</span></li>`;
  });
  return html`<ul class="items">${items}</ul>`;
}

function alertBox(state: FormState, words: Words): Html | null {
  if (state.declined !== null) {
    return html`<p class="alert" role="alert"><strong>${state.declined}</strong><span>${words.tryAgain}</span></p>`;
  }
  if (Object.keys(state.mistakes).length === 0) return null;
  return html`<p class="alert" role="alert"><span>${words.fixFields}</span></p>`;
}

function emailField(session: Stripe.Checkout.Session, state: FormState, words: Words): Html {
  const given = session.customer_email;
  const attributes = html`type="email" inputmode="email" autocomplete="email" placeholder="ana@example.com" maxlength="254"
    value="${given ?? state.email}"${given === null ? null : html` readonly`}`;
  return field('email', words.email, state.mistakes, attributes);
}

function field(name: FieldName, label: string, mistakes: Mistakes, attributes: Html): Html {
  const mistake = mistakes[name];
  const first = Object.keys(mistakes)[0] === name;
  const invalid =
    mistake === undefined ? null : html` aria-invalid="true" aria-describedby="${name}-mistake"`;
  return html`<div class="field"><label for="${name}">${label}</label>
    <input id="${name}" name="${name}" required ${attributes}${invalid}${first ? html` autofocus` : null}>
    ${mistake === undefined ? null : html`<p class="mistake" id="${name}-mistake">${mistake}</p>`}</div>`;
}

/** An amount in the smallest unit of its currency, as people of the language write it. */
function amountText(amount: number | null, currency: string | null, language: Language): string {
  const format = new Intl.NumberFormat(language.tag, {
    style: 'currency',
    currency: (currency ?? 'usd').toUpperCase(),
  });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format((amount ?? 0) / 10 ** digits);
}
