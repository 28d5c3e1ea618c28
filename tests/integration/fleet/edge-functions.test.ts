/**
 * The Edge Functions under real Deno: the relay's logic in its other shell, against the same database, Auth and Stripe
 * sandbox, and with no relay anywhere. The kiosk's side is the station's own client.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Room } from '@livekit/rtc-node';
import { AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';
import Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_NAME, type JobMetadata, roomName } from '../../../src-shared/agent-link.ts';
import { createRelayClient, type RelayClient } from '../../../src-station/relay-client/relay-client.ts';
import { createRelayRooms } from '../../../src-station/relay-client/relay-rooms.ts';
import {
  customerInFleet,
  enrolmentCode,
  type Fleet,
  FUNCTIONS,
  kioskInFleet,
  kioskWithReader,
  startFleet,
} from '../../support/fleet/fleet.ts';
import { call, payAt } from '../../support/relay/relay.ts';
import {
  knob,
  openPage,
  postForm,
  TEST_READER,
  TEST_WEBHOOK_SECRET,
  until,
} from '../../support/stripe/stripe-sandbox.ts';

let fleet: Fleet;
let kiosk: Awaited<ReturnType<typeof kioskInFleet>>;
/** Another kiosk, with a card reader beside it. */
let withReader: Awaited<ReturnType<typeof kioskWithReader>>;
let client: RelayClient;

beforeAll(async () => {
  fleet = await startFleet();
  kiosk = await kioskInFleet(fleet);
  withReader = await kioskWithReader(fleet);
  client = createRelayClient({ baseUrl: fleet.functions.url, kioskJwt: async () => kiosk.token });
});
afterEach(() => fleet.sandbox.faults({}));
afterAll(() => fleet?.stop());

const begin = (visitId: string) =>
  client.createCheckout({ purchaseId: randomUUID(), packageId: 'starter', visitId, userId: null });

/** The stored state, read without asking Stripe. */
async function statusOf(purchaseId: string): Promise<string> {
  const { rows } = await fleet.supabase.database.admin.query<{ status: string }>(
    'select status from public.purchases where id = $1',
    [purchaseId],
  );
  return rows[0]?.status ?? 'unknown';
}

async function deliver(payload: string, secret: string): Promise<number> {
  const timestamp = Math.floor(Date.now() / 1000);
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
  const response = await fetch(`${fleet.functions.url}/stripe-webhook`, {
    method: 'POST',
    headers: { 'stripe-signature': signature },
    body: payload,
  });
  await response.arrayBuffer();
  return response.status;
}

describe('buying and redeeming', () => {
  it('fulfils by webhook, tells the code to its visit and on the claim page, and opens the wallet', async () => {
    const visitId = randomUUID();
    const begun = await begin(visitId);
    expect(begun).toMatchObject({ status: 'pending', priceCents: 999, code: null });
    expect((await openPage(begun.claimUrl ?? '')).text).toContain('being confirmed');
    await payAt(begun.checkoutUrl);
    // No poll has been made: this is the webhook's work.
    await until(async () => (await statusOf(begun.purchaseId)) === 'paid');

    const { code } = await client.purchase(begun.purchaseId, visitId);
    const page = await openPage(begun.claimUrl ?? '');
    expect(page.status).toBe(200);
    expect(page.text).toContain(`<span>${code?.slice(0, 4)}</span>`);
    expect(await client.purchase(begun.purchaseId, randomUUID())).toMatchObject({ code: null });

    const opened = await client.redeem({ code: code ?? '', visitId: randomUUID(), userId: null });
    expect(opened).toMatchObject({ outcome: 'activated', balance: { availableSeconds: 3600 } });
    const again = await client.redeem({ code: code ?? '', visitId: randomUUID(), userId: null });
    expect(again).toMatchObject({ outcome: 'opened', userId: opened.userId });
  });

  it('finds a payment by polling when every webhook is lost, once', async () => {
    await fleet.sandbox.faults({ drop: '1' });
    const visitId = randomUUID();
    const begun = await begin(visitId);
    await payAt(begun.checkoutUrl);
    const polls = await Promise.all([1, 2, 3].map(() => client.purchase(begun.purchaseId, visitId)));
    expect(polls.map(({ status }) => status)).toEqual(['paid', 'paid', 'paid']);
    expect(new Set(polls.map(({ code }) => code)).size).toBe(1);
  });

  it('ends a purchase that the customer left', async () => {
    const visitId = randomUUID();
    const begun = await begin(visitId);
    expect(await client.cancelPurchase(begun.purchaseId, visitId)).toMatchObject({ status: 'expired' });
  });

  it('is well, and says so to the station', async () => {
    expect(await client.health()).toEqual({ database: 'ok', signingKeys: 'ok', stripe: 'ok' });
  });
});

describe('accounts', () => {
  const at = () => ({ url: fleet.functions.url });

  /** A card bought by a visit at the kiosk, its wallet opened in that visit. */
  async function walkUp(): Promise<{ visitId: string; userId: string; code: string }> {
    const visitId = randomUUID();
    const begun = await begin(visitId);
    await payAt(begun.checkoutUrl);
    await until(async () => (await statusOf(begun.purchaseId)) === 'paid');
    const code = (await client.purchase(begun.purchaseId, visitId)).code ?? '';
    return { visitId, code, userId: (await client.redeem({ code, visitId, userId: null })).userId };
  }

  it('get the time of a visit saved into them, once, and read what they hold', async () => {
    const { visitId, userId, code } = await walkUp();
    const owner = await customerInFleet(fleet);
    const body = { visitId, userId, accountToken: owner.token };
    const saved = await call(at(), kiosk.token, 'POST /wallets/save', body);
    expect(saved).toMatchObject({
      status: 200,
      body: { userId: owner.id, balance: { availableSeconds: 3600 } },
    });
    // Asked again after a lost answer it says the same.
    const again = await call(at(), kiosk.token, 'POST /wallets/save', body);
    expect(again).toMatchObject({
      status: 200,
      body: { userId: owner.id, balance: { availableSeconds: 3600 } },
    });
    await expect(client.redeem({ code, visitId, userId: null })).rejects.toMatchObject({
      code: 'code_not_accepted',
    });
    const balance = await call(at(), owner.token, `GET /user/${owner.id}/balance`);
    expect(balance).toMatchObject({ status: 200, body: { userId: owner.id, availableSeconds: 3600 } });
    const analytics = await call(at(), owner.token, `GET /user/${owner.id}/analytics`);
    expect(analytics).toMatchObject({ status: 200, body: { userId: owner.id, talks: 0, totalSeconds: 0 } });
  });

  it('are read by their owner alone', async () => {
    const [owner, other] = [await customerInFleet(fleet), await customerInFleet(fleet)];
    for (const page of ['balance', 'analytics']) {
      const route = `GET /user/${owner.id}/${page}`;
      const statuses = await Promise.all(
        [undefined, 'a.b.c', other.token, kiosk.token].map(
          async (token) => (await call(at(), token, route)).status,
        ),
      );
      expect([page, ...statuses]).toEqual([page, 401, 401, 403, 403]);
    }
    expect(await call(at(), owner.token, 'GET /user/me/balance')).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request' } },
    });
  });

  it('get nothing that another visit opened, and nothing without their own token', async () => {
    const { visitId, userId } = await walkUp();
    const owner = await customerInFleet(fleet);
    const save = async (token: string | undefined, more: object) => {
      const body = { visitId, userId, accountToken: owner.token, ...more };
      return (await call(at(), token, 'POST /wallets/save', body)).status;
    };
    expect(await save(kiosk.token, { visitId: randomUUID() })).toBe(403);
    expect(await save(withReader.token, {})).toBe(403);
    expect(await save(kiosk.token, { accountToken: kiosk.token })).toBe(401);
    expect(await save(owner.token, {})).toBe(403);
    expect(await save(undefined, {})).toBe(401);
    expect(await call(at(), owner.token, `GET /user/${owner.id}/balance`)).toMatchObject({
      body: { availableSeconds: 0 },
    });
  });
});

describe('the card reader', () => {
  const hold = (number: string) => postForm(`${fleet.sandbox.url}/terminal/${TEST_READER}`, { number });
  let beside: RelayClient;

  beforeAll(() => {
    beside = createRelayClient({ baseUrl: fleet.functions.url, kioskJwt: async () => withReader.token });
  });
  afterEach(() => knob(fleet.sandbox.url, `readers/${TEST_READER}`, { status: 'online' }));

  const request = (visitId: string) => ({
    ...{ purchaseId: randomUUID(), packageId: 'starter', visitId, userId: null, attempt: 1 },
  });

  it('waits for a card, tells of a declined one, and the paid code is for the visit that bought it', async () => {
    const visitId = randomUUID();
    const wanted = request(visitId);
    const begun = await beside.startTerminalPayment(wanted);
    expect(begun).toMatchObject({ status: 'pending', reader: 'waiting', checkoutUrl: null, code: null });
    expect((await openPage(begun.readerUrl ?? '')).text).toContain('$9.99');
    await hold('4000000000000002');
    expect(await beside.purchase(begun.purchaseId, visitId)).toMatchObject({
      ...{ status: 'pending', reader: 'idle', lastPaymentError: expect.stringMatching(/declined/i) },
    });
    expect(await beside.startTerminalPayment({ ...wanted, attempt: 2 })).toMatchObject({ reader: 'waiting' });
    await hold('4242424242424242');
    const paid = await beside.purchase(begun.purchaseId, visitId);
    expect(paid).toMatchObject({ status: 'paid', reader: null });
    const opened = await beside.redeem({ code: paid.code ?? '', visitId, userId: null });
    expect(opened).toMatchObject({ outcome: 'activated', balance: { availableSeconds: 3600 } });
    expect(await beside.purchase(begun.purchaseId, randomUUID())).toMatchObject({ code: null });
  });

  it('lets go of a payment that was left, also of one that nobody waits for any more', async () => {
    const [left, forgotten, next] = [randomUUID(), randomUUID(), randomUUID()];
    const leaving = await beside.startTerminalPayment(request(left));
    expect(await beside.cancelPurchase(leaving.purchaseId, left)).toMatchObject({ status: 'expired' });
    const lost = await beside.startTerminalPayment(request(forgotten));
    const shown = await beside.startTerminalPayment(request(next));
    expect(shown).toMatchObject({ status: 'pending', reader: 'waiting' });
    expect(await statusOf(lost.purchaseId)).toBe('expired');
    await beside.cancelPurchase(shown.purchaseId, next);
  });

  it('is told of to the kiosk it stands beside alone, and says when it is offline', async () => {
    expect(await beside.health()).toMatchObject({ reader: 'ok' });
    await knob(fleet.sandbox.url, `readers/${TEST_READER}`, { status: 'offline' });
    expect(await beside.health()).toMatchObject({ reader: expect.stringContaining('offline') });
    await expect(beside.startTerminalPayment(request(randomUUID()))).rejects.toMatchObject({
      code: 'reader_unavailable',
    });
    expect(await client.health()).not.toHaveProperty('reader');
  });

  it('is not for another kiosk, nor for a customer', async () => {
    await expect(client.startTerminalPayment(request(randomUUID()))).rejects.toMatchObject({
      code: 'reader_unavailable',
    });
    const customer = await customerInFleet(fleet);
    const route = 'POST /create-payment/terminal-payments';
    for (const [who, status] of [
      [undefined, 401],
      [customer.token, 403],
    ] as const) {
      const answer = await call({ url: fleet.functions.url }, who, route, request(randomUUID()));
      expect(answer.status).toBe(status);
    }
  });
});

describe('cards sold on paper', () => {
  it('are issued and printed for staff, open a wallet, and are nobody else’s business', async () => {
    const { supabase, functions } = fleet;
    const login = { email: 'staff@mindbot.example', password: randomUUID() };
    const account = { ...login, email_confirm: true, app_metadata: { kind: 'staff' } };
    await supabase.service().auth.admin.createUser(account);
    const session = await supabase.client().auth.signInWithPassword(login);
    const staff = session.data.session?.access_token;
    const body = { batchId: randomUUID(), packageId: 'starter', count: 2, note: 'shop' };
    const issued = await call({ url: functions.url }, staff, 'POST /card-batches', body);
    expect(issued).toMatchObject({ status: 200, body: { cards: [{}, {}] } });
    const sheet = await fetch(`${functions.url}/card-batches/${body.batchId}/sheet`, {
      headers: { authorization: `Bearer ${staff}` },
    });
    // By its place: a batch's id can have three groups of four digits too.
    const [, code = ''] = /<p class="code">([^<]+)</.exec(await sheet.text()) ?? [];
    const opened = await client.redeem({ code, visitId: randomUUID(), userId: null });
    expect(opened).toMatchObject({ outcome: 'activated', balance: { availableSeconds: 3600 } });
    for (const [token, status] of [
      [undefined, 401],
      [kiosk.token, 403],
    ] as const) {
      expect(await call({ url: functions.url }, token, 'POST /card-batches', body)).toMatchObject({ status });
    }
  });
});

describe('housekeeping', () => {
  const keepHouse = (key: string | undefined) =>
    call({ url: fleet.functions.url }, key, 'POST /housekeeping', {});

  it('finds payments and refunds whose webhooks were lost, once, and gives back what a silent kiosk held', async () => {
    await keepHouse(fleet.supabase.serviceRoleKey);
    await fleet.sandbox.faults({ drop: '1' });
    const begun = await begin(randomUUID());
    await payAt(begun.checkoutUrl);
    const found = await keepHouse(fleet.supabase.serviceRoleKey);
    expect(found).toMatchObject({ status: 200, body: { foundEvents: expect.any(Number) } });
    expect(await statusOf(begun.purchaseId)).toBe('paid');
    const again = await keepHouse(fleet.supabase.serviceRoleKey);
    expect(again).toMatchObject({
      status: 200,
      body: { foundEvents: 0, expiredCards: 0, settledLeases: 0 },
    });
  });

  it('is done for nobody but the project itself', async () => {
    for (const key of [undefined, kiosk.token, fleet.supabase.anonKey, `${fleet.supabase.serviceRoleKey}x`]) {
      expect(await keepHouse(key)).toMatchObject({ status: 401 });
    }
  });
});

describe('enrolling', () => {
  const enrol = (code: string) => call({ url: fleet.functions.url }, undefined, 'POST /enrol', { code });

  it('exchanges a code once, whoever comes with it at the same time', async () => {
    const code = await enrolmentCode(fleet, { name: 'Station hall' });
    const answers = await Promise.all([enrol(code), enrol(code.toLowerCase()), enrol(code)]);
    const good = answers.filter(({ status }) => status === 200);
    expect(good).toMatchObject([{ body: { name: 'Station hall' } }]);
    const refused = answers.filter(({ status }) => status === 422);
    expect(refused).toHaveLength(2);
    // Used, unknown and no code at all look the same.
    expect([await enrol('0000-0000-0000'), await enrol('')]).toEqual(refused);
    // Accounts of a lost race are gone.
    const { data } = await fleet.supabase.service().auth.admin.listUsers();
    expect(data.users.filter(({ email }) => email?.startsWith('kiosk-'))).toHaveLength(2);
  });

  it('takes everything from the kiosk that is replaced', async () => {
    const old = await kioskInFleet(fleet);
    const code = await enrolmentCode(fleet, { replaces: old.kioskId });
    expect(await enrol(code)).toMatchObject({ status: 200, body: { name: old.name } });
    const oldClient = createRelayClient({ baseUrl: fleet.functions.url, kioskJwt: async () => old.token });
    const visitId = randomUUID();
    const purchase = { purchaseId: randomUUID(), packageId: 'starter', visitId, userId: null };
    await expect(oldClient.createCheckout(purchase)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(oldClient.redeem({ code: '0', visitId, userId: null })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});

describe('rooms', () => {
  const job = (talkId: string): JobMetadata => ({
    ...{ visitId: randomUUID(), talkId, leg: 1, locale: 'en', formerLocale: null, customerName: null },
    ...{ remainingSeconds: 60, demo: true, history: [] },
  });
  const roomsOf = (token: string) =>
    createRelayRooms({ baseUrl: fleet.functions.url, kioskJwt: async () => token });

  it('are made, looked into and closed for a kiosk that holds no secret of LiveKit', async () => {
    const rooms = roomsOf(kiosk.token);
    const talkId = randomUUID();
    const access = await rooms.startLeg(job(talkId));
    expect(access).toMatchObject({ name: roomName(talkId, 1), url: expect.stringMatching(/^ws:/) });
    expect(await rooms.isAttended(access.name)).toBe(false);
    const page = new Room();
    await page.connect(access.url, access.token);
    expect(await rooms.isAttended(access.name)).toBe(true);
    await page.disconnect();
    const { port, apiKey, apiSecret } = fleet.livekit.options;
    const host = `http://127.0.0.1:${port}`;
    const dispatches = await new AgentDispatchClient(host, apiKey, apiSecret).listDispatch(access.name);
    expect(dispatches.map(({ agentName }) => agentName)).toContain(AGENT_NAME);
    await rooms.closeLegs(talkId, 1);
    expect(await new RoomServiceClient(host, apiKey, apiSecret).listRooms([access.name])).toEqual([]);
    expect(await rooms.reachable()).toBe(true);
  });

  it('are not for customers, nor for a kiosk that was revoked, although its token still lives', async () => {
    const customer = await fleet.supabase.client().auth.signInAnonymously();
    await expect(
      roomsOf(customer.data.session?.access_token ?? '').startLeg(job(randomUUID())),
    ).rejects.toMatchObject({ kind: 'refused', code: 'forbidden' });
    const stolen = await kioskInFleet(fleet);
    await fleet.supabase.service().rpc('revoke_kiosk', { p_kiosk_id: stolen.kioskId, p_reason: 'stolen' });
    await expect(roomsOf(stolen.token).startLeg(job(randomUUID()))).rejects.toMatchObject({
      kind: 'refused',
      code: 'forbidden',
    });
    expect(await roomsOf(stolen.token).reachable()).toBe(false);
  });
});

describe('refusals', () => {
  it('lets nobody in without a token, and a customer only where customers go', async () => {
    const at = { url: fleet.functions.url };
    const routes = [
      'POST /redeem',
      'POST /rooms/legs',
      'POST /rooms/close',
      'GET /rooms/health',
      `GET /rooms/legs/${randomUUID()}`,
      'POST /create-payment/checkout-sessions',
      'POST /create-payment/create-payment-intent',
      'POST /create-payment/terminal-payments',
      'POST /wallets/save',
      `GET /user/${randomUUID()}/balance`,
      `GET /user/${randomUUID()}/analytics`,
      `GET /create-payment/purchases/${randomUUID()}`,
      `POST /create-payment/purchases/${randomUUID()}/cancel`,
    ];
    for (const route of routes) {
      const body = route.startsWith('POST') ? {} : undefined;
      expect([route, (await call(at, undefined, route, body)).status]).toEqual([route, 401]);
      expect([route, (await call(at, 'a.b.c', route, body)).status]).toEqual([route, 401]);
    }
    const customer = await fleet.supabase.client().auth.signInAnonymously();
    const token = customer.data.session?.access_token;
    expect((await call(at, token, 'POST /redeem', {})).status).toBe(403);
    expect((await call(at, token, 'GET /create-payment/metrics')).status).toBe(404);
  });

  it('names what is wrong with a body, and answers a code that is worth nothing like any other', async () => {
    const at = { url: fleet.functions.url };
    const wrong = await call(at, kiosk.token, 'POST /redeem', { code: 'X' });
    expect(wrong).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
    const visitId = randomUUID();
    for (const code of ['0000-0000-0000', 'no code at all']) {
      await expect(client.redeem({ code, visitId, userId: null })).rejects.toMatchObject({
        kind: 'refused',
        code: 'code_not_accepted',
      });
    }
  });

  it('believes no webhook that is forged, and stores none', async () => {
    const event = { id: `evt_${randomUUID()}`, object: 'event', livemode: false, created: 0 };
    const payload = JSON.stringify({ ...event, type: 'payment_intent.succeeded', data: { object: {} } });
    expect(await deliver(payload, 'whsec_forged')).toBe(400);
    expect(await deliver(payload.replace('"livemode":false', '"livemode":true'), TEST_WEBHOOK_SECRET)).toBe(
      400,
    );
    const { rows } = await fleet.supabase.database.admin.query(
      'select from public.webhook_inbox where event_id = $1',
      [event.id],
    );
    expect(rows).toEqual([]);
  });
});

describe('deno.json', () => {
  it('names the same versions as package.json', () => {
    const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
    const { dependencies } = read('package.json');
    for (const folder of FUNCTIONS) {
      const { imports } = read(`supabase/functions/${folder}/deno.json`);
      for (const [name, target] of Object.entries(imports)) {
        expect(target).toBe(`npm:${name}@${dependencies[name]}`);
      }
    }
  });
});
