/** Cards on paper and wallets saved to accounts, through the real relay: issue, print, redeem, rotate the key, save. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CardBatch, cardBatchSchema } from '../../../src-shared/relay-api.ts';
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
import { openPage, until } from '../../support/stripe/stripe-sandbox.ts';

let stack: RelayStack;
let kiosk: string;
let staff: string;

beforeAll(async () => {
  stack = await startRelayStack();
  [kiosk, staff] = await Promise.all([stack.signIn(KIOSK_ACCOUNT), stack.signIn(ADMIN_ACCOUNT)]);
});
afterAll(() => stack?.stop());

async function issue(relay: { url: string }, more: Record<string, unknown> = {}): Promise<CardBatch> {
  const body = { batchId: randomUUID(), packageId: 'starter', count: 2, note: 'museum', ...more };
  const answer = await call(relay, staff, 'POST /card-batches', body);
  expect(answer).toMatchObject({ status: 200 });
  return cardBatchSchema.parse(answer.body);
}

async function sheetOf(batchId: string): Promise<{ status: number; text: string; codes: string[] }> {
  const response = await fetch(`${stack.relay.url}/card-batches/${batchId}/sheet`, {
    headers: { authorization: `Bearer ${staff}` },
  });
  const text = await response.text();
  const codes = [...text.matchAll(/<p class="code">([^<]*)<\/p>/g)].map(([, code]) => code ?? '');
  return { status: response.status, text, codes };
}

describe('batches of cards', () => {
  it('are issued once, printed, and each code opens its time at a kiosk', async () => {
    const batch = await issue(stack.relay);
    expect(batch).toMatchObject({ packageId: 'starter', name: 'Starter', note: 'museum' });
    expect(await issue(stack.relay, { batchId: batch.batchId })).toEqual(batch);
    const differs = { batchId: batch.batchId, packageId: 'pro', count: 2 };
    expect(await call(stack.relay, staff, 'POST /card-batches', differs)).toMatchObject({
      status: 409,
      body: { error: { code: 'batch_differs' } },
    });
    const sheet = await sheetOf(batch.batchId);
    expect(sheet.status).toBe(200);
    expect(sheet.codes.map((code) => code.replaceAll('-', '')).sort()).toEqual(
      batch.cards.map((card) => card.code).sort(),
    );
    const opened = await visitAt(stack.relay, kiosk).redeem(sheet.codes[0] ?? '');
    expect(opened).toMatchObject({
      status: 200,
      body: { outcome: 'activated', balance: { availableSeconds: 3_600 } },
    });
    // From now on it is the customer's key.
    const later = await sheetOf(batch.batchId);
    expect(later.codes).toEqual(sheet.codes.slice(1));
    expect(later.text).toContain('1 already used or revoked');
  });

  it('open nothing any more once staff has revoked them', async () => {
    const { cards } = await issue(stack.relay);
    const [card] = cards;
    const client = stack.supabase.client();
    expect((await client.auth.signInWithPassword(ADMIN_ACCOUNT)).error).toBeNull();
    const revoked = await client.rpc('revoke_card', {
      p_card_id: card?.cardId,
      p_reason: 'stolen from the shop',
    });
    expect(revoked.data).toMatchObject({ writtenOffSeconds: 3_600 });
    expect(await visitAt(stack.relay, kiosk).redeem(card?.code ?? '')).toMatchObject({
      status: 422,
      body: { error: { code: 'code_not_accepted' } },
    });
  });

  it('refuse everybody but staff, too many cards, and unknown packages and batches', async () => {
    const body = { batchId: randomUUID(), packageId: 'starter', count: 1 };
    const { token } = await signUpCustomer(stack);
    for (const caller of [kiosk, token]) {
      expect(await call(stack.relay, caller, 'POST /card-batches', body)).toMatchObject({ status: 403 });
      expect(await call(stack.relay, caller, `GET /card-batches/${body.batchId}/sheet`)).toMatchObject({
        status: 403,
      });
    }
    expect(await call(stack.relay, undefined, 'POST /card-batches', body)).toMatchObject({ status: 401 });
    for (const count of [0, 501, 1.5]) {
      expect(await call(stack.relay, staff, 'POST /card-batches', { ...body, count })).toMatchObject({
        status: 400,
      });
    }
    expect(
      await call(stack.relay, staff, 'POST /card-batches', { ...body, packageId: 'none' }),
    ).toMatchObject({ status: 404 });
    expect(await call(stack.relay, staff, `GET /card-batches/${body.batchId}/sheet`)).toMatchObject({
      status: 404,
      body: { error: { code: 'batch_unknown' } },
    });
  });

  it('survive a rotation of the code key: old codes open, new ones come from the first key', async () => {
    const [old, spare] = (await issue(stack.relay)).cards;
    const newKey = { id: 'k2', secret: randomBytes(32).toString('base64url') };
    const rotated = await stack.startRelay({ env: { CODE_KEYS: JSON.stringify([newKey, stack.codeKey]) } });
    const oldGone = await stack.startRelay({ env: { CODE_KEYS: JSON.stringify([newKey]) } });
    try {
      expect(await visitAt(rotated, kiosk).redeem(old?.code ?? '')).toMatchObject({ status: 200 });
      const made = await issue(rotated, { count: 1 });
      const { rows } = await stack.supabase.database.admin.query(
        'select key_id from public.card_codes where card_id = $1',
        [made.cards[0]?.cardId],
      );
      expect(rows).toEqual([{ key_id: 'k2' }]);
      expect(await visitAt(oldGone, kiosk).redeem(made.cards[0]?.code ?? '')).toMatchObject({ status: 200 });
      // Why the old key stays in the list as long as its cards live.
      expect(await visitAt(oldGone, kiosk).redeem(spare?.code ?? '')).toMatchObject({ status: 422 });
      expect(await visitAt(rotated, kiosk).redeem(spare?.code ?? '')).toMatchObject({ status: 200 });
    } finally {
      await Promise.all([rotated.stop(), oldGone.stop()]);
    }
  });
});

describe('saving a wallet to an account', () => {
  const save = (token: string, body: object) => call(stack.relay, token, 'POST /wallets/save', body);

  async function walkUp() {
    const { cards } = await issue(stack.relay, { count: 1 });
    const at = visitAt(stack.relay, kiosk);
    const code = cards[0]?.code ?? '';
    const { body } = await at.redeem(code);
    return { code, at, userId: String(body['userId']) };
  }

  it('moves the time, once, and retires the code; asked again after a lost answer it says the same', async () => {
    const { at, code, userId } = await walkUp();
    const owner = await signUpCustomer(stack);
    const request = { visitId: at.visitId, userId, accountToken: owner.token };
    const saved = await save(kiosk, request);
    expect(saved).toMatchObject({
      status: 200,
      body: { userId: owner.id, balance: { availableSeconds: 3_600 } },
    });
    expect(await save(kiosk, request)).toMatchObject({ status: 200, body: { userId: owner.id } });
    expect(await at.redeem(code)).toMatchObject({
      status: 422,
      body: { error: { code: 'code_not_accepted' } },
    });
    expect(await call(stack.relay, owner.token, `GET /user/${owner.id}/balance`)).toMatchObject({
      body: { availableSeconds: 3_600 },
    });
  });

  it('tells the payer on the claim page that the time is in an account, not a code that opens nothing', async () => {
    const at = visitAt(stack.relay, kiosk);
    const begun = await at.buy();
    await payAt(begun.checkoutUrl);
    await until(async () => (await at.poll(begun.purchaseId)).status === 'paid');
    const code = (await at.poll(begun.purchaseId)).code ?? '';
    const { body } = await at.redeem(code);
    expect((await openPage(begun.claimUrl ?? '')).text).toContain(code.slice(0, 4));
    const { token } = await signUpCustomer(stack);
    const request = { visitId: at.visitId, userId: body['userId'], accountToken: token };
    expect((await save(kiosk, request)).status).toBe(200);
    const page = await openPage(begun.claimUrl ?? '');
    expect(page.status).toBe(200);
    expect(page.text).toContain('in an account now');
    expect(page.text).not.toContain(code.slice(0, 4));
    expect(await at.poll(begun.purchaseId)).toMatchObject({ status: 'paid', code: null });
  });

  it('needs the visit that opened the wallet and the account’s own token', async () => {
    const { at, userId } = await walkUp();
    const owner = await signUpCustomer(stack);
    const request = { visitId: at.visitId, userId, accountToken: owner.token };
    expect(await save(kiosk, { ...request, visitId: randomUUID() })).toMatchObject({
      status: 403,
      body: { error: { code: 'wallet_not_open' } },
    });
    for (const accountToken of [kiosk, staff, 'none', stack.supabase.serviceRoleKey]) {
      expect(await save(kiosk, { ...request, accountToken })).toMatchObject({ status: 401 });
    }
    expect(await save(owner.token, request)).toMatchObject({ status: 403 });
    expect((await call(stack.relay, owner.token, `GET /user/${owner.id}/balance`)).body).toMatchObject({
      availableSeconds: 0,
    });
  });
});

describe('housekeeping', () => {
  it('marks cards that have expired when a relay starts, without being asked', async () => {
    const [card] = (await issue(stack.relay, { count: 1 })).cards;
    expect((await visitAt(stack.relay, kiosk).redeem(card?.code ?? '')).status).toBe(200);
    const { admin } = stack.supabase.database;
    await admin.query(`update public.time_cards set expires_at = now() - interval '1 second' where id = $1`, [
      card?.cardId,
    ]);
    const next = await stack.startRelay();
    try {
      const statusOf = async () =>
        (await admin.query('select status from public.time_cards where id = $1', [card?.cardId])).rows[0]
          .status;
      await until(async () => (await statusOf()) === 'expired');
    } finally {
      await next.stop();
    }
  });
});
