import { describe, expect, it } from 'vitest';
import { checkCardForm, parseExpiry } from './card-form.ts';
import { Html, html } from './html.ts';
import { chooseLanguage } from './words.ts';

const NOW = Date.UTC(2026, 10, 23) / 1000;
const { words } = chooseLanguage('en', undefined);
const GOOD = { email: 'ana@example.com', number: '4242 4242 4242 4242', expiry: '11/26', cvc: '123' };

describe('parseExpiry', () => {
  it.each([
    ['0830', 8, 2030],
    ['08/30', 8, 2030],
    ['8 / 30', 8, 2030],
    [' 12-2031 ', 12, 2031],
    ['082030', 8, 2030],
  ])('reads %s', (text, month, year) => {
    expect(parseExpiry(text)).toEqual({ month, year });
  });

  it.each(['', '13/30', '00/30', '8', '08/3', '08/30/12', 'ab/cd'])('refuses "%s"', (text) => {
    expect(parseExpiry(text)).toBeUndefined();
  });
});

describe('checkCardForm', () => {
  it('gives the card as digits', () => {
    expect(checkCardForm(GOOD, NOW, words)).toEqual({
      card: { number: '4242424242424242', expMonth: 11, expYear: 2026, email: 'ana@example.com' },
      mistakes: null,
    });
  });

  it('names every wrong field at once', () => {
    const { mistakes } = checkCardForm({}, NOW, words);
    expect(Object.keys(mistakes ?? {})).toEqual(['email', 'number', 'expiry', 'cvc']);
  });

  it('wants a code as long as the brand has', () => {
    const amex = { ...GOOD, number: '378282246310005' };
    expect(checkCardForm(amex, NOW, words).mistakes).toEqual({ cvc: words.errorCvc });
    expect(checkCardForm({ ...amex, cvc: '1234' }, NOW, words).mistakes).toBeNull();
    expect(checkCardForm({ ...GOOD, cvc: '1234' }, NOW, words).mistakes).toEqual({ cvc: words.errorCvc });
  });

  it('tells a date that is past from one that is none', () => {
    expect(checkCardForm({ ...GOOD, expiry: '10/26' }, NOW, words).mistakes).toEqual({
      expiry: words.errorExpired,
    });
    expect(checkCardForm({ ...GOOD, expiry: '26' }, NOW, words).mistakes).toEqual({
      expiry: words.errorExpiry,
    });
  });
});

describe('html', () => {
  it('escapes every value but its own kind', () => {
    const attack = `"><script>alert('x')&`;
    expect(html`<p title="${attack}">${attack}${html`<b>${1}</b>`}${null}</p>`.text).toBe(
      '<p title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&amp;">&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&amp;<b>1</b></p>',
    );
    expect(html`${[html`<i>a</i>`, new Html('<i>b</i>')]}`.text).toBe('<i>a</i><i>b</i>');
  });
});

describe('chooseLanguage', () => {
  it('goes by the session, then by the browser, then English', () => {
    expect(chooseLanguage('de', 'fr').tag).toBe('de');
    expect(chooseLanguage('auto', 'ja,es-MX;q=0.8').tag).toBe('es-MX');
    expect(chooseLanguage(null, undefined).tag).toBe('en');
    expect(chooseLanguage('sv', 'de').tag).toBe('en');
    expect(chooseLanguage(null, 'en"><script>').tag).toBe('en');
  });
});
