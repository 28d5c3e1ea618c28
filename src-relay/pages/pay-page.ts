/**
 * The page with the card fields as HTML, shown in a frame on the kiosk's own page. It loads Stripe.js and nothing
 * else, may be framed by that kiosk only, and has no field of its own: what is typed is typed into Stripe's frame.
 * Every value in it is escaped.
 */
import { browserScript } from '../../src-runtime/browser-script.ts';
import { cspHash } from '../../src-runtime/hash.ts';
import type { Locale } from '../../src-shared/visit.ts';
import type { PurchaseRow } from '../model/purchase.ts';
import type { PayView } from '../payments/element-payments.ts';
import type { PayHere } from '../payments/pay-here.ts';
import { escapeHtml } from './html.ts';
import { PAY_STYLE } from './pay-style.ts';
import { PAY_WORDS, type PayWords } from './pay-words.ts';

export const PAY_THEMES = ['system', 'light', 'dark', 'contrast'] as const;

export interface PayPageOptions {
  payHere: PayHere;
  /** Address of the page itself, for a bank that leads the payer elsewhere and back. */
  pageUrl: string;
  lang: Locale;
  theme: (typeof PAY_THEMES)[number];
  /** Height of body text in CSS pixels. */
  size: number;
}

/** How often a page that can't be made yet loads itself again. */
const REFRESH_SECONDS = 3;
const SCRIPT = await browserScript(import.meta.url, 'pay-page');

/** Headers that go with the page. Wallets and everything else that needs a permission stay off. */
export function payHeaders({ stationOrigin, stripeJs }: PayHere): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `script-src ${cspHash(SCRIPT)} ${stripeJs.scripts.join(' ')}`,
    `style-src ${cspHash(PAY_STYLE)}`,
    `frame-src ${stripeJs.frames.join(' ')}`,
    `connect-src ${stripeJs.connections.join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${stationOrigin}`,
  ];
  return {
    'cache-control': 'no-store',
    'content-security-policy': policy.join('; '),
    'content-type': 'text/html; charset=utf-8',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
    // The address holds the token: Stripe's frames learn the origin only.
    'referrer-policy': 'origin',
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex, nofollow',
  };
}

export function payStatus({ kind }: PayView): number {
  const statuses = { form: 200, ended: 410, unavailable: 503, not_found: 404 } as const;
  return statuses[kind];
}

export function renderPayPage(view: PayView, options: PayPageOptions): string {
  const { lang, payHere, size, theme } = options;
  const words = PAY_WORDS[lang];
  const isForm = view.kind === 'form';
  const refresh = `<meta http-equiv="refresh" content="${REFRESH_SECONDS}">\n`;
  return `<!doctype html>
<html lang="${lang}" dir="${lang === 'ar' ? 'rtl' : 'ltr'}" data-theme="${theme}" data-size="${size}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${view.kind === 'unavailable' ? refresh : ''}<title>${escapeHtml(words.title)}</title>
<style>${PAY_STYLE}</style>
${isForm ? `<script defer src="${escapeHtml(payHere.stripeJs.url)}"></script>\n` : ''}<script type="module">${SCRIPT}</script>
</head>
<body>
${isForm ? formBody(view, words, options) : `<div class="end"><p role="status">${escapeHtml(endText(view.kind, words))}</p></div>`}
</body>
</html>
`;
}

function endText(kind: 'ended' | 'unavailable' | 'not_found', words: PayWords): string {
  const texts = { ended: words.ended, unavailable: words.unavailable, not_found: words.notFound };
  return texts[kind];
}

/** All states of the page at once; the script shows one of them. */
function formBody(
  { row, clientSecret, claimUrl }: Extract<PayView, { kind: 'form' }>,
  words: PayWords,
  { lang, pageUrl, payHere }: PayPageOptions,
): string {
  const data = {
    key: payHere.publishableKey,
    secret: clientSecret,
    locale: lang,
    return: pageUrl,
    parent: payHere.stationOrigin,
  };
  const attributes = Object.entries(data).map(([name, value]) => `data-${name}="${escapeHtml(value)}"`);
  const { lastError } = row;
  return `<div id="pay" data-state="loading" ${attributes.join(' ')}>
<h1 class="hidden">${escapeHtml(words.title)}</h1>
<p class="loading" role="status">${escapeHtml(words.loading)}</p>
<form class="form" novalidate>
<p class="alert" id="problem" role="alert"${lastError ? '' : ' hidden'}><strong>${escapeHtml(lastError ?? '')}</strong> <span>${escapeHtml(words.tryAnother)}</span></p>
<p class="alert" id="unsure" role="alert" hidden>${escapeHtml(words.unsure)}</p>
<div id="fields"></div>
<button type="submit" data-busy="${escapeHtml(words.paying)}">${escapeHtml(words.pay.replace('{amount}', amountOf(row, lang)))}</button>
<p class="quiet">${escapeHtml(words.safe)}</p>
</form>
<p class="failed" role="alert">${escapeHtml(words.notLoaded)}</p>
<p class="ended" role="status">${escapeHtml(words.ended)}</p>
<div class="paid" role="status"><p><strong>${escapeHtml(words.paid)}</strong></p>
${claimUrl ? `<p class="quiet">${escapeHtml(words.keep)} <bdi dir="ltr">${escapeHtml(claimUrl)}</bdi></p>` : ''}</div>
</div>`;
}

function amountOf({ priceCents, currency }: PurchaseRow, lang: Locale): string {
  const format = new Intl.NumberFormat(lang, { style: 'currency', currency: currency.toUpperCase() });
  return format.format(priceCents / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
