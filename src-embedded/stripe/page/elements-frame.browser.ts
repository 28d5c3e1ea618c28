/**
 * Runs in the frame of the sandbox's card fields. What is typed goes from here to the sandbox's API with the publishable
 * key and the client secret, and nowhere else; the page around is told how it went.
 */

type FieldName = 'number' | 'expiry' | 'cvc';
interface ApiError {
  type: string;
  code?: string;
  decline_code?: string;
  message?: string;
  param?: string;
  payment_intent?: { status: string };
}
interface Intent {
  id: string;
  status: string;
  amount: number;
  currency: string;
}
interface Answer {
  error?: ApiError;
  paymentIntent?: Intent;
}
interface Question {
  mindbotElements: 'submit' | 'confirm';
  id: number;
  clientSecret?: string;
}

const {
  key = '',
  parent = '',
  theme,
  variables = '{}',
} = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
const words = JSON.parse(document.body.dataset['words'] ?? '{}') as Record<string, string>;
const FIELD_OF_CODE: Record<string, FieldName> = {
  incorrect_number: 'number',
  invalid_expiry: 'expiry',
  invalid_expiry_month: 'expiry',
  invalid_expiry_year: 'expiry',
  invalid_cvc: 'cvc',
};

function byId<Type extends HTMLElement>(id: string): Type {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no #${id}`);
  return found as Type;
}

const form = byId<HTMLFormElement>('card');
const bank = byId('bank');

function say(what: string, more: object = {}): void {
  window.parent.postMessage({ mindbotElements: what, ...more }, parent);
}

function look(): void {
  document.documentElement.classList.toggle('night', theme === 'night');
  for (const [name, value] of Object.entries(JSON.parse(variables) as Record<string, string>)) {
    document.documentElement.style.setProperty(`--${name}`, value);
  }
}

function typedIn(name: FieldName): string {
  return byId<HTMLInputElement>(name).value.trim();
}

/** `0830`, `08/30`, `8 / 2030`; undefined when it isn't a month and a year. */
function expiryOf(text: string): { month: string; year: string } | undefined {
  const match = /^(\d{1,2})\s*[/.\s-]\s*(\d{2}|\d{4})$|^(\d{2})(\d{2}|\d{4})$/.exec(text);
  const [month, year] = [match?.[1] ?? match?.[3], match?.[2] ?? match?.[4]];
  return month && year ? { month, year } : undefined;
}

function mark(name: FieldName, mistake: string | undefined): void {
  const input = byId<HTMLInputElement>(name);
  const line = byId(`${name}-mistake`);
  line.textContent = mistake ?? '';
  line.hidden = !mistake;
  if (mistake) input.setAttribute('aria-invalid', 'true');
  else input.removeAttribute('aria-invalid');
}

/** Marks what is not filled in. Everything else is the API's to judge. */
function check(): Answer {
  const mistakes: Record<FieldName, string | undefined> = {
    number: typedIn('number') ? undefined : words['incorrect_number'],
    expiry: expiryOf(typedIn('expiry')) ? undefined : words['invalid_expiry'],
    cvc: typedIn('cvc') ? undefined : words['invalid_cvc'],
  };
  const names = Object.keys(mistakes) as FieldName[];
  for (const name of names) mark(name, mistakes[name]);
  const first = names.find((name) => mistakes[name]);
  if (!first) return {};
  byId(first).focus();
  const error = { type: 'validation_error', code: `incomplete_${first}` };
  return { error: { ...error, message: words['fix_fields'] ?? '' } };
}

async function api(method: 'GET' | 'POST', path: string, fields: Record<string, string>): Promise<Answer> {
  const encoded = new URLSearchParams(fields);
  const response = await fetch(method === 'GET' ? `${path}?${encoded}` : path, {
    method,
    headers: { authorization: `Bearer ${key}` },
    ...(method === 'POST' && { body: encoded }),
  });
  const body = (await response.json()) as Intent & { error?: ApiError };
  return body.error ? { error: body.error } : { paymentIntent: body };
}

async function confirm(clientSecret: string): Promise<Answer> {
  const checked = check();
  if (checked.error) return checked;
  const expiry = expiryOf(typedIn('expiry'));
  const intentPath = `/v1/payment_intents/${clientSecret.split('_secret_')[0]}`;
  const answer = await api('POST', `${intentPath}/confirm`, {
    client_secret: clientSecret,
    'payment_method_data[type]': 'card',
    'payment_method_data[card][number]': typedIn('number'),
    'payment_method_data[card][exp_month]': expiry?.month ?? '',
    'payment_method_data[card][exp_year]': expiry?.year ?? '',
    'payment_method_data[card][cvc]': typedIn('cvc'),
  });
  if (answer.paymentIntent?.status !== 'requires_action') return spoken(answer);
  await askBank(answer.paymentIntent);
  const after = await api('GET', intentPath, { client_secret: clientSecret });
  if (after.paymentIntent?.status === 'succeeded') return after;
  return spoken({ error: { type: 'card_error', code: 'payment_intent_authentication_failure' } });
}

/** The error in the words of the page's language; a mistake in a field stands at the field too. */
function spoken(answer: Answer): Answer {
  const { error } = answer;
  if (error?.type !== 'card_error') return answer;
  const field = FIELD_OF_CODE[error.code ?? ''];
  const message = words[error.decline_code ?? ''] ?? words[error.code ?? ''] ?? words['declined'] ?? '';
  if (field) mark(field, message);
  return { error: { ...error, message } };
}

/** The pretend bank's question, in the place of the fields. */
async function askBank({ id, amount, currency }: Intent): Promise<void> {
  const format = new Intl.NumberFormat(document.documentElement.lang, { style: 'currency', currency });
  byId('amount').textContent = format.format(
    amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2),
  );
  form.hidden = true;
  bank.hidden = false;
  const answer = await new Promise<string>((done) => {
    for (const button of bank.querySelectorAll('button')) button.onclick = () => done(button.value);
    bank.querySelector('button')?.focus();
  });
  await fetch(`/3ds/${id}`, { method: 'POST', body: new URLSearchParams({ answer }) });
  form.hidden = false;
  bank.hidden = true;
}

async function answerTo({ mindbotElements: what, clientSecret = '' }: Question): Promise<Answer> {
  if (what === 'submit') return check();
  try {
    return await confirm(clientSecret);
  } catch (error) {
    return { error: { type: 'api_connection_error', message: String(error) } };
  }
}

look();
window.addEventListener('message', ({ data, origin, source }: MessageEvent<Question>) => {
  if (origin !== parent || source !== window.parent) return;
  void answerTo(data).then((answer) => say('answer', { id: data.id, answer }));
});
form.addEventListener('input', () => say('change'));
form.addEventListener('focusin', () => say('focus'));
form.addEventListener('keydown', (event) => {
  if (event.key === 'Enter') say('enter');
});
form.addEventListener('submit', (event) => event.preventDefault());
new ResizeObserver(() => say('height', { height: document.documentElement.offsetHeight })).observe(
  document.body,
);
say('ready');
