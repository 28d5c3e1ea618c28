/** Who may do what at the relay, codes that open nothing, and what leaves the process. */
import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyticsResponseSchema, balanceSchema, purchaseSchema } from '../../../src-shared/relay-api.ts';
import {
  ADMIN_ACCOUNT,
  call,
  KIOSK_ACCOUNT,
  payAt,
  type RelayStack,
  signUpCustomer,
  startRelayStack,
  visitAt,
} from '../../support/relay/relay.ts';
import { enrolKiosk } from '../../support/station/metering.ts';
import {
  openPage,
  TEST_SECRET_KEY,
  TEST_WEBHOOK_SECRET,
  until,
} from '../../support/stripe/stripe-sandbox.ts';

let stack: RelayStack;
let kiosk: string;
let staff: string;
let ana: { id: string; token: string };
let ben: { id: string; token: string };

beforeAll(async () => {
  stack = await startRelayStack();
  [kiosk, staff] = await Promise.all([stack.signIn(KIOSK_ACCOUNT), stack.signIn(ADMIN_ACCOUNT)]);
  [ana, ben] = await Promise.all([
    signUpCustomer(stack, 'ana@mindbot.example'),
    signUpCustomer(stack, 'ben@mindbot.example'),
  ]);
});
afterAll(() => stack?.stop());

/** One more kiosk with an account of its own. */
async function anotherKiosk(): Promise<{ kioskId: string; token: string }> {
  const { kiosk, account } = await enrolKiosk(stack.supabase);
  return { kioskId: kiosk.kioskId, token: await stack.signIn(account) };
}

const redemption = (code: string) => ({ code, visitId: randomUUID(), userId: null });

describe('sign-in', () => {
  it('asks for a token on every route that is not open', async () => {
    const id = randomUUID();
    const routes = [
      'POST /checkout-sessions',
      'POST /create-payment-intent',
      `GET /purchases/${id}`,
      `POST /purchases/${id}/cancel`,
      'POST /redeem',
      `GET /user/${id}/balance`,
      `GET /user/${id}/analytics`,
    ];
    for (const route of routes) {
      expect(await call(stack.relay, undefined, route), route).toMatchObject({
        status: 401,
        body: { error: { code: 'unauthorized' } },
      });
    }
  });

  it('refuses forged, expired and borrowed tokens', async () => {
    const claims = decodeJwt(kiosk);
    const seconds = Math.floor(Date.now() / 1000);
    const [header, body] = kiosk.split('../');
    const tokens = {
      'without a signature': `${header}.${body}.AAAA`,
      expired: await stack.supabase.sign({ ...claims, exp: seconds - 60 }),
      'of another issuer': await stack.supabase.sign({ ...claims, iss: 'http://127.0.0.1:1/auth/v1' }),
      'for another audience': await stack.supabase.sign({ ...claims, aud: 'elsewhere' }),
      'without an end': await stack.supabase.sign({ ...claims, exp: undefined }),
      'that is the anon key': stack.supabase.anonKey,
      'that is the service key': stack.supabase.serviceRoleKey,
    };
    for (const [what, token] of Object.entries(tokens)) {
      expect(await call(stack.relay, token, 'POST /redeem', redemption('x')), what).toMatchObject({
        status: 401,
      });
    }
    expect(await call(stack.relay, kiosk, 'POST /redeem', redemption('x'))).toMatchObject({ status: 422 });
  });

  it('lets a customer see the own balance and nobody else’s', async () => {
    const own = await call(stack.relay, ana.token, `GET /user/${ana.id}/balance`);
    expect(own.status).toBe(200);
    expect(balanceSchema.parse(own.body)).toMatchObject({ userId: ana.id, availableSeconds: 0 });
    for (const token of [ben.token, kiosk, staff]) {
      for (const page of ['balance', 'analytics']) {
        const other = await call(stack.relay, token, `GET /user/${ana.id}/${page}`);
        expect(other).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
      }
    }
  });

  it('keeps customers and staff from doing what kiosks do', async () => {
    for (const token of [ana.token, staff]) {
      const body = { purchaseId: randomUUID(), packageId: 'starter', visitId: randomUUID(), userId: null };
      expect(await call(stack.relay, token, 'POST /checkout-sessions', body)).toMatchObject({ status: 403 });
      expect(await call(stack.relay, token, 'POST /redeem', redemption('x'))).toMatchObject({ status: 403 });
    }
  });

  it('hides the purchases of one kiosk from another, and lets a revoked one do nothing', async () => {
    const begun = await visitAt(stack.relay, kiosk).buy();
    const other = await anotherKiosk();
    const seen = await call(stack.relay, other.token, `GET /purchases/${begun.purchaseId}`);
    expect(seen).toMatchObject({ status: 404, body: { error: { code: 'purchase_unknown' } } });
    await stack.supabase.service().rpc('revoke_kiosk', { p_kiosk_id: other.kioskId, p_reason: 'test' });
    const body = { purchaseId: randomUUID(), packageId: 'starter', visitId: randomUUID(), userId: null };
    expect(await call(stack.relay, other.token, 'POST /checkout-sessions', body)).toMatchObject({
      status: 403,
    });
    expect(await call(stack.relay, other.token, 'POST /redeem', redemption('0'.repeat(12)))).toMatchObject({
      status: 403,
    });
  });
});

describe('a new kiosk', () => {
  it('gets a device account for its code, once, and may then do what a kiosk does', async () => {
    const made = await stack.supabase.service().rpc('create_kiosk_enrolment', { p_name: 'Hall' });
    const enrol = () => call(stack.relay, undefined, 'POST /enrol', { code: made.data.code });
    const { status, body } = await enrol();
    expect([status, body]).toMatchObject([200, { name: 'Hall' }]);
    const token = await stack.signIn({ email: String(body['email']), password: String(body['password']) });
    expect((await call(stack.relay, token, 'POST /redeem', redemption('X'))).status).toBe(422);
    expect(await enrol()).toMatchObject({ status: 422, body: { error: { code: 'code_not_accepted' } } });
  });
});

describe('codes that open nothing', () => {
  it('get one and the same answer, whatever is wrong with them', async () => {
    const at = visitAt(stack.relay, kiosk);
    const begun = await at.buy();
    await payAt(begun.checkoutUrl);
    await until(async () => (await at.poll(begun.purchaseId)).status === 'paid');
    const expired = (await at.poll(begun.purchaseId)).code ?? '';
    expect((await at.redeem(expired)).status).toBe(200);
    await stack.supabase.database.admin.query(
      `update public.time_cards set expires_at = now() - interval '1 second' where purchase_id = $1`,
      [begun.purchaseId],
    );
    const asker = await anotherKiosk();
    const codes = [expired, 'ZZZZ-ZZZZ-ZZZZ', 'too short', '', '!!!!!!!!!!!!'];
    const answers = await Promise.all(
      codes.map((code) => call(stack.relay, asker.token, 'POST /redeem', redemption(code))),
    );
    expect(answers[0]).toMatchObject({ status: 422, body: { error: { code: 'code_not_accepted' } } });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('are limited, first by the database, then before it', async () => {
    const guesser = await anotherKiosk();
    const codes: unknown[] = [];
    for (let i = 0; i < 31; i += 1) {
      const answer = await call(stack.relay, guesser.token, 'POST /redeem', redemption('ZZZZZZZZZZZZ'));
      codes.push(`${answer.status} ${(answer.body['error'] as { code: string }).code}`);
    }
    expect(codes.slice(0, 10)).toEqual(Array(10).fill('422 code_not_accepted'));
    expect(codes.slice(10, 30)).toEqual(Array(20).fill('429 too_many_tries'));
    expect(codes[30]).toBe('429 too_many_requests');
    expect((await call(stack.relay, kiosk, 'POST /redeem', redemption('ZZZZZZZZZZZZ'))).status).toBe(422);
  });
});

describe('an account that pays on its own screen', () => {
  it('gets the time into its wallet, and sees it in its numbers', async () => {
    const purchaseId = randomUUID();
    const body = { package_id: 'basic', purchase_id: purchaseId };
    const begun = await call(stack.relay, ana.token, 'POST /create-payment-intent', body);
    expect(begun).toMatchObject({ status: 200, body: { purchaseId, priceCents: 4499, currency: 'usd' } });
    const again = await call(stack.relay, ana.token, 'POST /create-payment-intent', body);
    expect(again.body).toEqual(begun.body);
    await stack.sandbox.stripe.paymentIntents.confirm(String(begun.body['paymentIntentId']), {
      payment_method: 'pm_card_visa',
      return_url: 'http://127.0.0.1/back',
    });
    const balance = async () =>
      balanceSchema.parse((await call(stack.relay, ana.token, `GET /user/${ana.id}/balance`)).body);
    await until(async () => (await balance()).availableSeconds > 0);
    expect((await balance()).availableSeconds).toBe(5.5 * 3600);
    const numbers = await call(stack.relay, ana.token, `GET /user/${ana.id}/analytics`);
    expect(analyticsResponseSchema.parse(numbers.body)).toEqual({
      userId: ana.id,
      talks: 0,
      totalSeconds: 0,
      averageSeconds: 0,
      lastTalkAt: null,
      cardsBought: 1,
      paidCents: 4499,
      currency: 'usd',
    });
    const own = await call(stack.relay, ana.token, `GET /purchases/${purchaseId}`);
    expect(purchaseSchema.parse(own.body).status).toBe('paid');
    expect((await call(stack.relay, ben.token, `GET /purchases/${purchaseId}`)).status).toBe(404);
  });
});

describe('what leaves the process', () => {
  it('describes every route of the specification', async () => {
    const { body } = await call(stack.relay, undefined, 'GET /openapi.json');
    expect(body['openapi']).toMatch(/^3\./);
    expect(Object.keys(body['paths'] as object)).toEqual(
      expect.arrayContaining([
        '/webhooks/stripe',
        '/pricing',
        '/create-payment-intent',
        '/user/{user_id}/balance',
        '/user/{user_id}/analytics',
        '/health',
      ]),
    );
  });

  it('tells prices from the database, and its health with every part', async () => {
    const prices = await call(stack.relay, undefined, 'GET /pricing');
    const packages = prices.body['packages'] as { id: string; priceCents: number }[];
    expect(packages.map(({ id, priceCents }) => [id, priceCents])).toEqual([
      ['starter', 999],
      ['basic', 4499],
      ['premium', 7999],
      ['pro', 17999],
      ['enterprise', 29999],
    ]);
    expect((await stack.relay.health()).checks).toEqual({
      database: 'ok',
      signingKeys: 'ok',
      stripe: 'ok',
      webhooks: 'ok',
      accounts: 'ok',
    });
  });

  it('gives the claim page no script, no cache and no referrer, and other addresses nothing to tell apart', async () => {
    const begun = await visitAt(stack.relay, kiosk).buy();
    const page = await openPage(begun.claimUrl ?? '');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.text).not.toMatch(/<script|https?:/);
    const wrong = await openPage(`${stack.relay.url}/r/${'A'.repeat(22)}`);
    const malformed = await openPage(`${stack.relay.url}/r/x`);
    expect([wrong.status, malformed.status]).toEqual([404, 404]);
    expect(wrong.text).toBe(malformed.text);
  });

  it('writes no code, key, token or claim address into its log', async () => {
    const at = visitAt(stack.relay, kiosk);
    const begun = await at.buy();
    await payAt(begun.checkoutUrl);
    await until(async () => (await at.poll(begun.purchaseId)).status === 'paid');
    const { code, claimUrl } = await at.poll(begun.purchaseId);
    await openPage(claimUrl ?? '');
    await at.redeem(code ?? '');
    const log = stack.relay.output();
    expect(log).toContain('purchase fulfilled');
    const secrets = [
      code,
      claimUrl?.split('/').at(-1),
      kiosk,
      stack.supabase.serviceRoleKey,
      TEST_SECRET_KEY,
      TEST_WEBHOOK_SECRET,
      KIOSK_ACCOUNT.password,
    ];
    for (const secret of secrets) {
      expect(secret).toBeTruthy();
      expect(log).not.toContain(secret);
    }
  });

  it('counts what it did', async () => {
    const text = await (await fetch(`${stack.relay.url}/metrics`)).text();
    expect(text).toMatch(/mindbot_relay_webhooks_total\{.*result="stored".*\} [1-9]/);
    expect(text).toMatch(/mindbot_relay_request_duration_seconds_count\{.*route="\/redeem".*\} [1-9]/);
    expect(text).not.toContain('/r/A');
  });
});
