/** For tests: the relay as a real process between a real embedded Supabase and the Stripe sandbox, with its callers. */
import { randomBytes, randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { type Purchase, purchaseSchema } from '../../../src-shared/relay-api.ts';
import { freePort } from '../processes/free-port.ts';
import { type ProcessOptions, startProcess, type TestProcess } from '../processes/processes.ts';
import { startTcpGate, type TcpGate } from '../processes/tcp-gate.ts';
import {
  GOOD_CARD,
  type Page,
  postForm,
  startTestSandbox,
  TEST_PUBLISHABLE_KEY,
  TEST_READER,
  TEST_SECRET_KEY,
  TEST_WEBHOOK_SECRET,
  type TestSandbox,
  until,
} from '../stripe/stripe-sandbox.ts';
import { startTestSupabase, type TestSupabase } from '../supabase/supabase.ts';

export const KIOSK_ACCOUNT = {
  kioskId: randomUUID(),
  name: 'Test kiosk',
  email: 'kiosk@mindbot.example',
  password: randomBytes(12).toString('hex'),
};
export const ADMIN_ACCOUNT = { email: 'admin@mindbot.example', password: randomBytes(12).toString('hex') };

/** Origin of the kiosk's own page, as the relay of a test knows it. */
export const STATION_ORIGIN = 'http://127.0.0.1:8010';

export interface RelayStack {
  supabase: TestSupabase;
  sandbox: TestSandbox;
  relay: TestProcess;
  /** The way from a gated relay to the embedded Supabase. */
  gate: TcpGate;
  /** The only code key of the relay. */
  codeKey: { id: string; secret: string };
  /** Starts one more relay; `stop()` of the stack doesn't end it. */
  startRelay(options?: Partial<ProcessOptions>): Promise<TestProcess>;
  /** Signs in with a password and gives the access token. */
  signIn(account: { email: string; password: string }): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts the three and waits until the relay says that all is well. Takes about four seconds.
 * `gated`: the relay reaches the database only through `gate`. `reader`: it has the sandbox's card reader. `payHere`: a
 * card may be typed at its kiosk.
 */
export async function startRelayStack(
  options: { gated?: boolean; reader?: boolean; payHere?: boolean } = {},
): Promise<RelayStack> {
  const port = await freePort();
  const [supabase, sandbox] = await Promise.all([
    startTestSupabase(),
    startTestSandbox({ webhookUrl: `http://127.0.0.1:${port}/webhooks/stripe` }),
  ]);
  const gate = await startTcpGate(Number(new URL(supabase.url).port));
  const codeKey = { id: 'k1', secret: randomBytes(32).toString('base64url') };
  const env = {
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    SUPABASE_URL: options.gated ? gate.url : supabase.url,
    SUPABASE_SERVICE_ROLE_KEY: supabase.serviceRoleKey,
    STRIPE_SECRET_KEY: TEST_SECRET_KEY,
    STRIPE_WEBHOOK_SECRET: TEST_WEBHOOK_SECRET,
    STRIPE_API_BASE: sandbox.url,
    STRIPE_TERMINAL_READER: options.reader ? TEST_READER : '',
    STRIPE_PUBLISHABLE_KEY: options.payHere ? TEST_PUBLISHABLE_KEY : '',
    STATION_ORIGIN: options.payHere ? STATION_ORIGIN : '',
    CODE_KEYS: JSON.stringify([codeKey]),
    KIOSK_ACCOUNT: JSON.stringify(KIOSK_ACCOUNT),
    ADMIN_ACCOUNT: JSON.stringify(ADMIN_ACCOUNT),
  };
  const startRelay: RelayStack['startRelay'] = (more = {}) =>
    startProcess({ entry: 'src-relay/main.ts', ...more, env: { ...env, ...more.env } });
  let relay: TestProcess | undefined;
  const stop = async () => {
    await relay?.stop();
    await gate.shut();
    await sandbox.close();
    await supabase.stop();
  };
  try {
    const started = await startRelay({ port });
    relay = started;
    await until(async () => (await started.health()).status === 'ok', 20_000).catch(async () => {
      throw new Error(
        `The relay is not well: ${JSON.stringify(await started.health())}\n${started.output()}`,
      );
    });
    return {
      supabase,
      sandbox,
      gate,
      relay: started,
      codeKey,
      startRelay,
      signIn: async (account) => {
        const { data, error } = await supabase.client().auth.signInWithPassword(account);
        if (error) throw error;
        if (!options.gated) return data.session.access_token;
        // The issuer is the address that the relay knows Auth by.
        return supabase.sign({ ...decodeJwt(data.session.access_token), iss: `${gate.url}/auth/v1` });
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A customer's account, signed in. */
export async function signUpCustomer(
  stack: RelayStack,
  email = `${randomUUID()}@mindbot.example`,
): Promise<{ id: string; token: string }> {
  const account = { email, password: randomBytes(12).toString('hex') };
  const { auth } = stack.supabase.service();
  const { data, error } = await auth.admin.createUser({ ...account, email_confirm: true });
  if (error) throw error;
  return { id: data.user.id, token: await stack.signIn(account) };
}

export interface Answer<Body = Record<string, unknown>> {
  status: number;
  body: Body;
}

/** Calls a relay with a token; without one when it is undefined. */
export async function call(
  relay: { url: string },
  token: string | undefined,
  route: string,
  body?: unknown,
): Promise<Answer> {
  const [method = 'GET', path = '/'] = route.split(' ');
  const response = await fetch(relay.url + path, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** A kiosk's visit at a relay: what the station would ask for. */
export function visitAt(relay: TestProcess, token: string) {
  const visitId = randomUUID();
  const purchase = (answer: Answer): Purchase => {
    if (answer.status !== 200) {
      throw new Error(`${answer.status} ${JSON.stringify(answer.body)}\n${relay.output().slice(-2_000)}`);
    }
    return purchaseSchema.parse(answer.body);
  };
  return {
    visitId,
    buy: async (more: Record<string, unknown> = {}): Promise<Purchase> => {
      const body = { purchaseId: randomUUID(), packageId: 'starter', visitId, userId: null, ...more };
      return purchase(await call(relay, token, 'POST /checkout-sessions', body));
    },
    atReader: async (more: Record<string, unknown> = {}): Promise<Purchase> => {
      const ids = { purchaseId: randomUUID(), visitId, userId: null };
      const body = { ...ids, packageId: 'starter', attempt: 1, ...more };
      return purchase(await call(relay, token, 'POST /terminal-payments', body));
    },
    here: async (more: Record<string, unknown> = {}): Promise<Purchase> => {
      const body = { purchaseId: randomUUID(), packageId: 'starter', visitId, userId: null, ...more };
      return purchase(await call(relay, token, 'POST /element-payments', body));
    },
    poll: async (purchaseId: string): Promise<Purchase> =>
      purchase(await call(relay, token, `GET /purchases/${purchaseId}?visitId=${visitId}`)),
    cancel: async (purchaseId: string): Promise<Purchase> =>
      purchase(await call(relay, token, `POST /purchases/${purchaseId}/cancel`, { visitId })),
    redeem: (code: string, userId: string | null = null): Promise<Answer> =>
      call(relay, token, 'POST /redeem', { code, visitId, userId }),
  };
}

/** Types a card into the payment page behind the QR code, as the payer's phone does. */
export function payAt(checkoutUrl: string | null, number: string = GOOD_CARD.number): Promise<Page> {
  if (!checkoutUrl) throw new Error('there is no payment page');
  return postForm(checkoutUrl, { ...GOOD_CARD, number });
}

/** What the database has of a purchase: its state, its payment, and how many cards came of it. */
export async function storedPurchase(
  { supabase }: Pick<RelayStack, 'supabase'>,
  purchaseId: string,
): Promise<{ status: string; cards: number; intent: string }> {
  const { rows } = await supabase.database.admin.query<{ status: string; cards: number; intent: string }>(
    `select p.status, p.payment_intent_id as intent,
       (select count(*)::int from public.time_cards as c where c.purchase_id = p.id) as cards
     from public.purchases as p where p.id = $1`,
    [purchaseId],
  );
  const [row] = rows;
  if (!row) throw new Error(`no purchase ${purchaseId}`);
  return row;
}
