/** Paying with a card typed at the kiosk itself, through the real parts: relay, database, sandbox, and its card fields. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Purchase } from '../../../src-shared/relay-api.ts';
import {
  type Answer,
  call,
  KIOSK_ACCOUNT,
  type RelayStack,
  STATION_ORIGIN,
  startRelayStack,
  storedPurchase,
  visitAt,
} from '../../support/relay/relay.ts';
import { enrolKiosk } from '../../support/station/metering.ts';
import {
  confirmTyped,
  openPage,
  type Page,
  TEST_PUBLISHABLE_KEY,
  until,
} from '../../support/stripe/stripe-sandbox.ts';

const DECLINED = '4000000000000002';

let stack: RelayStack;
let token: string;

beforeAll(async () => {
  stack = await startRelayStack({ payHere: true, reader: true });
  token = await stack.signIn(KIOSK_ACCOUNT);
});
afterEach(() => stack.sandbox.faults({}));
afterAll(() => stack?.stop());

const visit = () => visitAt(stack.relay, token);

function begin(more: Record<string, unknown> = {}, as = token): Promise<Answer> {
  const ids = { purchaseId: randomUUID(), visitId: randomUUID() };
  return call(stack.relay, as, 'POST /element-payments', {
    ...ids,
    packageId: 'starter',
    userId: null,
    ...more,
  });
}

/** What the page hands to Stripe's fields. */
async function secretOn({ payUrl }: Purchase): Promise<string> {
  const page = await openPage(payUrl ?? '');
  const secret = /data-secret="([^"]+)"/.exec(page.text)?.[1];
  if (!secret) throw new Error(`no fields: ${page.status} ${page.text}`);
  return secret;
}

/** A person types a card into the fields. */
async function type(purchase: Purchase, number?: string) {
  const secret = await secretOn(purchase);
  const intentId = secret.split('_secret_')[0] ?? '';
  return confirmTyped(stack.sandbox.url, intentId, secret, number ? { number } : {});
}

const stored = (purchaseId: string) => storedPurchase(stack, purchaseId);

describe('a card typed here', () => {
  it('pays; the code is told to the visit that bought it alone, and on the claim page', async () => {
    const at = visit();
    const begun = await at.here();
    expect(begun).toMatchObject({ status: 'pending', checkoutUrl: null, reader: null, code: null });
    expect(begun.payUrl).toMatch(new RegExp(`^${stack.relay.url}/pay/[\\w-]{43}$`));
    expect((await type(begun)).status).toBe(200);
    const paid = await at.poll(begun.purchaseId);
    expect(paid).toMatchObject({ status: 'paid', payUrl: null });
    expect(paid.code).toMatch(/^[0-9A-HJKMNP-TV-Z]{12}$/);
    expect(await at.redeem(paid.code ?? '')).toMatchObject({ status: 200, body: { outcome: 'activated' } });
    const other = `GET /purchases/${begun.purchaseId}?visitId=${randomUUID()}`;
    expect((await call(stack.relay, token, other)).body).toMatchObject({ status: 'paid', code: null });
    expect((await openPage(paid.claimUrl ?? '')).text).toContain('Your time card is ready');
  });

  it('is declined, told, and another one pays for the same purchase', async () => {
    const at = visit();
    const begun = await at.here();
    expect((await type(begun, DECLINED)).status).toBe(402);
    const declined = await at.poll(begun.purchaseId);
    expect(declined).toMatchObject({ status: 'pending', payUrl: begun.payUrl });
    expect(declined.lastPaymentError).toMatch(/declined/i);
    // Who loads the page again still reads why.
    expect((await openPage(begun.payUrl ?? '')).text).toMatch(/role="alert"><strong>[^<]*declined/i);
    expect((await type(begun)).status).toBe(200);
    expect(await at.poll(begun.purchaseId)).toMatchObject({ status: 'paid', lastPaymentError: null });
    expect(await stored(begun.purchaseId)).toMatchObject({ cards: 1 });
  });

  it('makes one payment however often it is asked for, and however often the answer is lost', async () => {
    const at = visit();
    const purchaseId = randomUUID();
    await stack.sandbox.faults({ api_disconnects: '3' });
    expect(await begin({ purchaseId, visitId: at.visitId })).toMatchObject({ status: 503 });
    await stack.sandbox.faults({});
    const [first, second] = [await at.here({ purchaseId }), await at.here({ purchaseId })];
    expect(second.payUrl).toBe(first.payUrl);
    const { data } = await stack.sandbox.stripe.events.list({ type: 'payment_intent.created', limit: 100 });
    expect(data.filter(({ data: { object } }) => JSON.stringify(object).includes(purchaseId))).toHaveLength(
      1,
    );
    await at.cancel(purchaseId);
  });

  it('can’t be paid any more once the customer left; the page says so and holds nothing', async () => {
    const at = visit();
    const begun = await at.here();
    const secret = await secretOn(begun);
    expect(await at.cancel(begun.purchaseId)).toMatchObject({ status: 'expired', payUrl: null });
    const { intent } = await stored(begun.purchaseId);
    expect(await confirmTyped(stack.sandbox.url, intent, secret)).toMatchObject({
      status: 400,
      body: { error: { payment_intent: { status: 'canceled' } } },
    });
    const page = await openPage(begun.payUrl ?? '');
    expect(page.status).toBe(410);
    expect(page.text).not.toMatch(/_secret_|pk_test/);
    expect(await stored(begun.purchaseId)).toMatchObject({ status: 'expired', cards: 0 });
  });

  it('and leaving at the same moment: paid and one card, or ended and nothing taken', async () => {
    for (let round = 0; round < 5; round += 1) {
      const at = visit();
      const begun = await at.here();
      const secret = await secretOn(begun);
      const { intent } = await stored(begun.purchaseId);
      const [typed, left] = await Promise.all([
        confirmTyped(stack.sandbox.url, intent, secret),
        at.cancel(begun.purchaseId),
      ]);
      const isPaid = typed.status === 200;
      expect(left.status).toBe(isPaid ? 'paid' : 'expired');
      expect(await stored(begun.purchaseId)).toMatchObject({ status: left.status, cards: isPaid ? 1 : 0 });
    }
  });

  it('paid though nobody asks any more: the webhook makes the card, and the claim page has the code', async () => {
    const at = visit();
    const begun = await at.here();
    await type(begun);
    await until(async () => (await stored(begun.purchaseId)).status === 'paid');
    expect((await openPage(begun.claimUrl ?? '')).text).toContain('Your time card is ready');
  });

  it('left with webhooks lost is fulfilled by the leaving itself', async () => {
    await stack.sandbox.faults({ drop: '1000' });
    const at = visit();
    const begun = await at.here();
    await type(begun);
    expect(await at.cancel(begun.purchaseId)).toMatchObject({ status: 'paid' });
    expect(await stored(begun.purchaseId)).toMatchObject({ cards: 1 });
  });

  it('ends by itself, for the page and at Stripe', async () => {
    const at = visit();
    const begun = await at.here();
    await stack.supabase.database.admin.query(
      `update public.purchases set expires_at = now() - interval '1 second' where id = $1`,
      [begun.purchaseId],
    );
    expect((await openPage(begun.payUrl ?? '')).status).toBe(410);
    expect(await at.poll(begun.purchaseId)).toMatchObject({ status: 'expired' });
    const { intent } = await stored(begun.purchaseId);
    expect(await stack.sandbox.stripe.paymentIntents.retrieve(intent)).toMatchObject({ status: 'canceled' });
  });

  it('is not for a purchase that was begun otherwise, nor the other way round', async () => {
    const at = visit();
    const { visitId } = at;
    const differs = { status: 409, body: { error: { code: 'purchase_differs' } } };
    const { purchaseId: byPhone } = await at.buy();
    expect(await begin({ purchaseId: byPhone, visitId })).toMatchObject(differs);
    const { purchaseId: atReader } = await at.atReader();
    expect(await begin({ purchaseId: atReader, visitId })).toMatchObject(differs);
    await at.cancel(atReader);
    const { purchaseId: here } = await at.here();
    const body = { purchaseId: here, visitId, packageId: 'starter', userId: null };
    for (const [route, more] of [
      ['POST /checkout-sessions', {}],
      ['POST /terminal-payments', { attempt: 1 }],
    ] as const) {
      expect(await call(stack.relay, token, route, { ...body, ...more })).toMatchObject(differs);
    }
    expect(await at.poll(here)).toMatchObject({ status: 'pending', reader: null });
    await at.cancel(here);
  });
});

describe('attacks on the page', () => {
  const directive = (page: Page, name: string) =>
    page.headers
      .get('content-security-policy')
      ?.split('; ')
      .find((each) => each.startsWith(`${name} `));

  it('it may stand in a frame of this station only, and load the sandbox’s script only', async () => {
    const begun = await visit().here();
    const page = await openPage(begun.payUrl ?? '');
    expect(directive(page, 'frame-ancestors')).toBe(`frame-ancestors ${STATION_ORIGIN}`);
    expect(directive(page, 'frame-src')).toBe(`frame-src ${stack.sandbox.url}`);
    expect(directive(page, 'connect-src')).toBe(`connect-src ${stack.sandbox.url}`);
    expect(directive(page, 'script-src')).toMatch(
      new RegExp(`^script-src 'sha256-[\\w+/=]+' ${stack.sandbox.url}$`),
    );
    expect(page.headers.get('content-security-policy')).not.toMatch(/unsafe|\*/);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.text).toContain(`data-parent="${STATION_ORIGIN}"`);
    expect(page.text).toContain(`data-key="${TEST_PUBLISHABLE_KEY}"`);
    expect(page.text).not.toMatch(/<input/);
  });

  it('no other text is a token: not of another purchase, not changed, not of the claim page', async () => {
    const [mine, other] = [await visit().here(), await visit().here()];
    const tokenOf = ({ payUrl }: Purchase) => payUrl?.split('/').at(-1) ?? '';
    const claimToken = mine.claimUrl?.split('/').at(-1) ?? '';
    const tries = [
      tokenOf(other).slice(0, 22) + tokenOf(mine).slice(22),
      tokenOf(mine).slice(0, -1),
      `${tokenOf(mine)}A`,
      mine.purchaseId,
      claimToken,
      'A'.repeat(43),
    ];
    for (const each of tries) {
      const page = await openPage(`${stack.relay.url}/pay/${each}`);
      expect(page.status, each).toBe(404);
      expect(page.text).not.toMatch(/_secret_|pk_test/);
    }
    // Nor does it open the claim page.
    expect((await openPage(`${stack.relay.url}/r/${tokenOf(mine)}`)).status).toBe(404);
  });

  it('another kiosk can begin nothing here, and sees nothing of this one’s payment', async () => {
    const begun = await visit().here();
    const { account } = await enrolKiosk(stack.supabase);
    const otherToken = await stack.signIn(account);
    const unavailable = { status: 409, body: { error: { code: 'pay_here_unavailable' } } };
    expect(await begin({}, otherToken)).toMatchObject(unavailable);
    expect(await begin({ purchaseId: begun.purchaseId }, otherToken)).toMatchObject(unavailable);
    for (const [route, body] of [
      [`GET /purchases/${begun.purchaseId}`, undefined],
      [`POST /purchases/${begun.purchaseId}/cancel`, {}],
    ] as const) {
      expect(await call(stack.relay, otherToken, route, body)).toMatchObject({
        status: 404,
        body: { error: { code: 'purchase_unknown' } },
      });
    }
    expect(await stored(begun.purchaseId)).toMatchObject({ status: 'pending' });
  });

  it('another visit at the same kiosk is not told where the fields are', async () => {
    const begun = await visit().here();
    const other = `GET /purchases/${begun.purchaseId}?visitId=${randomUUID()}`;
    expect((await call(stack.relay, token, other)).body).toMatchObject({ status: 'pending', payUrl: null });
    const taken = await begin({ purchaseId: begun.purchaseId });
    expect(taken).toMatchObject({ status: 409, body: { error: { code: 'purchase_differs' } } });
  });
});

describe('where no card may be typed', () => {
  it('nothing can be begun, and there is no page', async () => {
    const begun = await visit().here();
    const relay = await stack.startRelay({ env: { STRIPE_PUBLISHABLE_KEY: '', STATION_ORIGIN: '' } });
    const body = { purchaseId: randomUUID(), visitId: randomUUID(), packageId: 'starter', userId: null };
    const refused = await call(relay, token, 'POST /element-payments', body);
    const page = await openPage((begun.payUrl ?? '').replace(stack.relay.url, relay.url));
    await relay.stop();
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'pay_here_unavailable' } } });
    expect(page.status).toBe(404);
  });
});
