/** The operator's Stripe account: the key is asked for its balance, which changes nothing. */
import { ask } from '../ask.ts';
import { type Check, fail, ok, warn } from '../check.ts';

const NAME = 'Stripe';

export const checkStripe: Check = async ({ settings }) => {
  const key = settings?.STRIPE_SECRET_KEY;
  if (!key) return settings ? [ok(NAME, 'embedded (test payments)')] : [];
  const answer = await ask('https://api.stripe.com/v1/balance', { authorization: `Bearer ${key}` });
  if (!answer.reached) {
    return [
      fail(NAME, `api.stripe.com can't be reached: ${answer.reason}`, 'check the network and firewall'),
    ];
  }
  const mode = /_live_/.test(key) ? 'live: real money' : 'test mode';
  if (answer.status === 200) return [ok(NAME, `key accepted, ${mode}`)];
  if (answer.status === 403) {
    const text = `key accepted, ${mode}, but it may not read the balance`;
    const needed = 'make sure it may write Checkout Sessions, PaymentIntents and Refunds, and read Events';
    return [warn(NAME, text, needed)];
  }
  return [
    fail(
      NAME,
      `STRIPE_SECRET_KEY was refused (${answer.status})`,
      'copy it again: Stripe dashboard → Developers → API keys',
    ),
  ];
};
