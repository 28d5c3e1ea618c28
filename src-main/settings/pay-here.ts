/** Settings of a card typed here: both keys of one mode, a relay of its own, and a page that Stripe.js runs in. */

type Name =
  | 'ENVIRONMENT'
  | 'PAY_HERE'
  | 'RELAY_PUBLIC_URL'
  | 'RELAY_URL'
  | 'STRIPE_PUBLISHABLE_KEY'
  | 'STRIPE_SECRET_KEY';

/** @param value the text of a setting, empty when it is not set */
export function payHereProblems(value: (name: Name) => string): string[] {
  const [secret, publishable] = [value('STRIPE_SECRET_KEY'), value('STRIPE_PUBLISHABLE_KEY')];
  const problems: string[] = [];
  if (publishable && !secret) {
    problems.push('STRIPE_SECRET_KEY is missing, but STRIPE_PUBLISHABLE_KEY is set: set both, or neither');
  }
  const mode = (key: string) => /^[a-z]+_(test|live)_/.exec(key)?.[1];
  if (mode(publishable) && mode(secret) && mode(publishable) !== mode(secret)) {
    problems.push(
      `STRIPE_PUBLISHABLE_KEY is a ${mode(publishable)} key, but STRIPE_SECRET_KEY is a ${mode(secret)} key: copy both from the same mode of the Stripe dashboard`,
    );
  }
  if (value('PAY_HERE') !== 'on') return problems;
  if (value('RELAY_URL')) {
    problems.push('PAY_HERE=on is for a desktop with a relay of its own, but RELAY_URL is set: remove one');
  }
  if (secret && !publishable) {
    problems.push(
      'STRIPE_PUBLISHABLE_KEY is missing, but PAY_HERE=on: find it at Stripe dashboard → Developers → API keys',
    );
  }
  // Production demands HTTPS of it in any case (rules.ts).
  const isChecked = value('ENVIRONMENT') === 'production';
  if (!isChecked && mode(secret) === 'live' && !value('RELAY_PUBLIC_URL').startsWith('https://')) {
    problems.push(
      'RELAY_PUBLIC_URL must begin with https://, since PAY_HERE=on: with live keys Stripe’s card fields work on HTTPS only',
    );
  }
  return problems;
}
