/**
 * Refusals that must leave a record: through supabase-js they look like any other error of the API, and what was
 * written about them stays (an exception would have undone it).
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { purchaseArgs, UsageLog } from '../../support/database/database-kit.ts';
import { startTestSupabase, type TestSupabase } from '../../support/supabase/supabase.ts';

let supabase: TestSupabase;

beforeAll(async () => {
  supabase = await startTestSupabase();
});
afterAll(() => supabase?.stop());

async function audited(action: string, subject: string): Promise<number> {
  const { rows } = await supabase.database.admin.query(
    'select from public.audit_log where action = $1 and subject = $2',
    [action, subject],
  );
  return rows.length;
}

it('answers a payment that does not fit with an error, and keeps it in the audit log', async () => {
  const relay = supabase.service();
  const purchaseId = randomUUID();
  const created = await relay.rpc('create_purchase', purchaseArgs(purchaseId, 'starter'));
  expect(created.error).toBeNull();
  const { data, error, status } = await relay.rpc('fulfil_payment', {
    p_purchase_id: purchaseId,
    p_payment_intent_id: 'pi_1',
    p_amount_cents: 1,
    p_currency: 'usd',
    p_livemode: false,
    p_code_nonce: 'n',
    p_code_key_id: 'k1',
    p_code_lookup: 'ab'.repeat(16),
  });
  expect({ data, status }).toEqual({ data: null, status: 400 });
  expect(error).toMatchObject({ code: 'P0001', message: 'payment_mismatch' });
  expect(await audited('payment_mismatch', purchaseId)).toBe(1);
});

it('answers a forked usage log with an error, and keeps it in the audit log', async () => {
  const relay = supabase.service();
  const kioskId = randomUUID();
  const account = { email: `${kioskId}@kiosk.example`, password: randomUUID() };
  const made = await relay.auth.admin.createUser({
    ...account,
    email_confirm: true,
    app_metadata: { kind: 'kiosk', kiosk_id: kioskId },
  });
  const authUserId = made.data.user?.id;
  await relay.rpc('enrol_kiosk', { p_kiosk_id: kioskId, p_auth_user_id: authUserId, p_name: 'Entrance' });
  const kiosk = supabase.client();
  expect((await kiosk.auth.signInWithPassword(account)).error).toBeNull();
  const facts = { talkId: randomUUID(), leaseId: null, userId: null, visitId: null };
  const [log, other] = [new UsageLog(), new UsageLog()];
  log.add('talk_ended', facts);
  other.add('talk_ended', facts, { note: 'silence' });
  const post = (rows: unknown) => kiosk.rpc('post_usage', { p_epoch: log.epoch, p_rows: rows });
  expect((await post(log.rows)).data).toMatchObject({ lastSeq: 1 });
  const { data, error, status } = await post(other.rows);
  expect({ data, status }).toEqual({ data: null, status: 400 });
  expect(error).toMatchObject({ code: 'P0001', message: 'stream_forked' });
  expect(await audited('stream_forked', kioskId)).toBe(1);
});
