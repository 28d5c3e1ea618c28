import { describe, expect, it } from 'vitest';
import type { PurchaseRow } from '../model/purchase.ts';
import type { PayView } from '../payments/element-payments.ts';
import type { PayHere } from '../payments/pay-here.ts';
import { payHeaders, payStatus, renderPayPage } from './pay-page.ts';
import { PAY_LANGUAGES, PAY_WORDS } from './pay-words.ts';

const PAY_HERE: PayHere = {
  kioskId: 'kiosk',
  publishableKey: 'pk_test_1',
  stationOrigin: 'http://127.0.0.1:8010',
  stripeJs: {
    url: 'https://js.stripe.com/v3/',
    scripts: ['https://js.stripe.com', 'https://*.js.stripe.com'],
    frames: ['https://js.stripe.com', 'https://*.js.stripe.com', 'https://hooks.stripe.com'],
    connections: ['https://api.stripe.com'],
  },
};
const LOOK = { payHere: PAY_HERE, pageUrl: 'https://pay.example/pay/x', theme: 'dark', size: 24 } as const;

function form(change: Partial<PurchaseRow> = {}): PayView {
  const row = { priceCents: 999, currency: 'usd', lastError: null, ...change } as PurchaseRow;
  return { kind: 'form', row, clientSecret: 'pi_1_secret_2', claimUrl: 'https://pay.example/r/y' };
}

describe('the headers of the pay page', () => {
  it('allow what Stripe documents and nothing else, in a frame of the station alone', () => {
    const directives = Object.fromEntries(
      (payHeaders(PAY_HERE)['content-security-policy'] ?? '').split('; ').map((directive) => {
        const [name = '', ...sources] = directive.split(' ');
        return [name, sources.join(' ')];
      }),
    );
    const hash = expect.stringMatching(/^'sha256-[\w+/]{43}='$/);
    expect(directives).toEqual({
      'default-src': "'none'",
      'script-src': expect.stringMatching(
        /^'sha256-[\w+/]{43}=' https:\/\/js\.stripe\.com https:\/\/\*\.js\.stripe\.com$/,
      ),
      'style-src': hash,
      'frame-src': 'https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com',
      'connect-src': 'https://api.stripe.com',
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': 'http://127.0.0.1:8010',
    });
  });
});

describe('renderPayPage', () => {
  it.each(PAY_LANGUAGES)('speaks %s, with the price as people write it', (lang) => {
    const page = renderPayPage(form(), { ...LOOK, lang });
    expect(page).toContain(`<html lang="${lang}" dir="${lang === 'ar' ? 'rtl' : 'ltr'}"`);
    expect(page).toContain(PAY_WORDS[lang].safe);
    expect(page).toMatch(/9[.,]99/);
    expect(page).not.toContain('{amount}');
  });

  it('has no field of its own, and nothing that could end its markup', () => {
    const page = renderPayPage(form({ lastError: '"><script>alert(1)</script>' }), { ...LOOK, lang: 'en' });
    expect(page).not.toMatch(/<input|<textarea|<select/);
    expect(page).not.toContain('<script>alert');
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page).toContain('<script defer src="https://js.stripe.com/v3/">');
  });

  it('tells the last decline again, and only then', () => {
    expect(renderPayPage(form({ lastError: 'Your card was declined.' }), { ...LOOK, lang: 'en' })).toContain(
      '<p class="alert" id="problem" role="alert"><strong>Your card was declined.</strong>',
    );
    expect(renderPayPage(form(), { ...LOOK, lang: 'en' })).toContain('id="problem" role="alert" hidden');
  });

  it('holds no secret when there is nothing to pay', () => {
    for (const [kind, status] of [
      ['ended', 410],
      ['unavailable', 503],
      ['not_found', 404],
    ] as const) {
      const page = renderPayPage({ kind }, { ...LOOK, lang: 'en' });
      expect(payStatus({ kind })).toBe(status);
      expect(page).not.toMatch(/pk_test|_secret_|js\.stripe\.com|pay\.example/);
    }
  });
});
