/**
 * The sandbox's Stripe.js, in the product's page: `Stripe(key).elements(…)`, the Payment Element and `confirmPayment`,
 * with the names, answers and errors of the real one. It holds no card data; the frame of the fields does.
 * https://docs.stripe.com/js
 */

interface Answer {
  error?: { type: string; message?: string };
  paymentIntent?: { status: string };
}
interface ElementsOptions {
  clientSecret: string;
  locale?: string;
  appearance?: { theme?: string; variables?: Record<string, string> };
}
interface FrameMessage {
  mindbotElements: 'ready' | 'change' | 'focus' | 'enter' | 'height' | 'answer';
  height?: number;
  id?: number;
  answer?: Answer;
}

const sandbox = new URL((document.currentScript as HTMLScriptElement).src).origin;

function openElements(key: string, options: ElementsOptions) {
  const listeners = new Map<string, () => void>();
  const waiting = new Map<number, (answer: Answer) => void>();
  const frame = document.createElement('iframe');
  let asked = 0;

  const told = ({ data, origin, source }: MessageEvent<FrameMessage>) => {
    if (origin !== sandbox || source !== frame.contentWindow) return;
    const { mindbotElements: what, answer, height, id } = data;
    if (what === 'height') frame.style.height = `${height}px`;
    else if (what === 'enter') frame.closest('form')?.requestSubmit();
    else if (what === 'answer' && answer && id !== undefined) waiting.get(id)?.(answer);
    else listeners.get(what)?.();
  };

  function ask(what: 'submit' | 'confirm', more: object = {}): Promise<Answer> {
    const id = ++asked;
    return new Promise((done) => {
      waiting.set(id, done);
      frame.contentWindow?.postMessage({ mindbotElements: what, id, ...more }, sandbox);
    });
  }

  return {
    create: () => ({
      on: (event: string, listener: () => void) => void listeners.set(event, listener),
      mount: (target: HTMLElement) => {
        const { theme = 'stripe', variables = {} } = options.appearance ?? {};
        const secrets = { key, parent: location.origin, theme, variables: JSON.stringify(variables) };
        // After the hash: no server is told.
        frame.src = `${sandbox}/v3/elements?locale=${options.locale ?? ''}#${new URLSearchParams(secrets)}`;
        frame.title = 'Secure payment input frame';
        frame.style.border = 'none';
        // The frame keeps room for the ring around a field; what is seen lines up with the page.
        frame.style.margin = '-6px';
        frame.style.width = 'calc(100% + 12px)';
        frame.style.display = 'block';
        window.addEventListener('message', told);
        target.replaceChildren(frame);
      },
    }),
    submit: () => ask('submit'),
    /** For `confirmPayment` of the same client. */
    confirm: () => ask('confirm', { clientSecret: options.clientSecret }),
  };
}

Object.assign(globalThis, {
  Stripe: (key: string) => ({
    elements: (options: ElementsOptions) => openElements(key, options),
    confirmPayment: ({ elements }: { elements: ReturnType<typeof openElements> }) => elements.confirm(),
  }),
});
