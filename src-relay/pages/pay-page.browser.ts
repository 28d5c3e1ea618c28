/**
 * Runs in the page with the card fields: mounts Stripe's Payment Element, confirms, says how it went. The kiosk's page
 * around it is told only that something happened; what is true it learns from the relay.
 * https://docs.stripe.com/js/payment_intents/confirm_payment
 */

interface StripeError {
  type: string;
  message?: string;
  payment_intent?: { status: string };
}
interface PaymentElement {
  mount(target: HTMLElement): void;
  on(event: 'ready' | 'loaderror' | 'change' | 'focus', listener: () => void): void;
}
interface Elements {
  create(type: 'payment', options: object): PaymentElement;
  submit(): Promise<{ error?: StripeError }>;
}
interface StripeClient {
  elements(options: object): Elements;
  confirmPayment(options: object): Promise<{ error?: StripeError; paymentIntent?: { status: string } }>;
}
type MakeStripe = (publishableKey: string, options: { locale: string }) => StripeClient;

/** Stripe's own words about these are meant for the payer; about the rest they are for programmers. */
const SPOKEN = new Set(['card_error', 'validation_error']);

const root = document.documentElement;
root.style.fontSize = `${root.dataset['size']}px`;

const pay = document.getElementById('pay');
if (pay) start(pay);

function start(page: HTMLElement): void {
  const { key = '', secret = '', locale = '', return: returnUrl = '', parent = '' } = page.dataset;
  const show = (state: 'form' | 'failed' | 'paid' | 'ended') => {
    page.dataset['state'] = state;
  };
  const happened = () =>
    window.parent.postMessage({ mindbotPay: 'happened', height: document.body.offsetHeight }, parent);
  new ResizeObserver(happened).observe(document.body);
  const makeStripe = (globalThis as { Stripe?: MakeStripe }).Stripe;
  const form = page.querySelector('form');
  const button = page.querySelector('button');
  const fields = document.getElementById('fields');
  if (!makeStripe || !form || !button || !fields) {
    show('failed');
    return;
  }

  const stripe = makeStripe(key, { locale });
  const elements = stripe.elements({ clientSecret: secret, locale, appearance: appearanceOf(root) });
  const card = elements.create('payment', {
    layout: 'tabs',
    wallets: { applePay: 'never', googlePay: 'never', link: 'never' },
  });
  card.on('ready', () => show('form'));
  card.on('loaderror', () => show('failed'));
  card.on('change', happened);
  card.on('focus', happened);
  // Mounted in sight: fields that are hidden can't measure themselves.
  show('form');
  card.mount(fields);

  const words = button.textContent ?? '';
  let isBusy = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    button.setAttribute('aria-disabled', 'true');
    button.textContent = button.dataset['busy'] ?? words;
    sayNothing();
    void confirm()
      .catch(() => say('unsure'))
      .finally(() => {
        isBusy = false;
        button.removeAttribute('aria-disabled');
        button.textContent = words;
        happened();
      });
  });

  async function confirm(): Promise<void> {
    const checked = await elements.submit();
    const { error, paymentIntent } = checked.error
      ? { error: checked.error, paymentIntent: undefined }
      : await stripe.confirmPayment({
          elements,
          confirmParams: { return_url: returnUrl },
          redirect: 'if_required',
        });
    const isPaid = paymentIntent?.status === 'succeeded' || paymentIntent?.status === 'processing';
    if (error) tell(error);
    else if (isPaid) show('paid');
    else say('unsure');
  }

  function tell(error: StripeError): void {
    const status = error.payment_intent?.status;
    // Confirmed twice, or ended meanwhile: the payment's own state says it.
    if (status === 'succeeded') show('paid');
    else if (status === 'canceled') show('ended');
    else if (SPOKEN.has(error.type)) {
      const spoken = page.querySelector('#problem strong');
      if (spoken) spoken.textContent = error.message ?? '';
      say('problem');
    } else say('unsure');
  }

  function say(id: 'problem' | 'unsure'): void {
    document.getElementById(id)?.removeAttribute('hidden');
  }

  function sayNothing(): void {
    for (const alert of page.querySelectorAll('.alert')) alert.setAttribute('hidden', '');
  }
}

/** The page's colours for Stripe's fields. https://docs.stripe.com/elements/appearance-api */
function appearanceOf(page: HTMLElement): object {
  const isDark = page.dataset['theme'] === 'contrast' || usesDark(page);
  const probe = document.createElement('span');
  document.body.append(probe);
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const variables = {
    colorPrimary: colour('accent'),
    colorBackground: colour('ground'),
    colorText: colour('ink'),
    colorTextSecondary: colour('ink-soft'),
    colorDanger: colour('warn'),
    fontSizeBase: `${page.dataset['size']}px`,
    borderRadius: '14px',
  };
  probe.remove();
  return { theme: isDark ? 'night' : 'stripe', variables };
}

function usesDark(page: HTMLElement): boolean {
  if (page.dataset['theme'] === 'system') return matchMedia('(prefers-color-scheme: dark)').matches;
  return page.dataset['theme'] === 'dark';
}
