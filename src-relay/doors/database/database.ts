/**
 * The relay's door to the database: the functions of supabase/migrations that only the service role may call, each
 * answer checked. Promises: an unreachable database is a `databaseUnavailable` refusal (503), a refusal raised by a
 * function is a `DatabaseRefusal` with its name, anything else is a fault of ours.
 */
import { createClient, type PostgrestError, type SupabaseClient } from '@supabase/supabase-js';
import type Stripe from 'stripe';
import { z } from 'zod';
import { pricingPackageSchema } from '../../../src-shared/pricing.ts';
import { balanceSchema } from '../../../src-shared/relay-api.ts';
import { cardBatchRowSchema } from '../../model/card-batch.ts';
import type { NewCode } from '../../model/codes.ts';
import { DatabaseConflict, DatabaseRefusal, refusals } from '../../model/errors.ts';
import { type PurchaseRow, purchaseRowSchema } from '../../model/purchase.ts';

/** Longest wait for one answer of the database. */
const DATABASE_TIMEOUT_MS = 8_000;

/** The service-role client: no session is kept, every call ends in time. */
export function createServiceClient(url: string, serviceRoleKey: string): SupabaseClient {
  return createClient(url, serviceRoleKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    db: { retry: false },
    global: {
      fetch: (input, init) => {
        const timeout = AbortSignal.timeout(DATABASE_TIMEOUT_MS);
        return fetch(input, {
          ...init,
          signal: init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout,
        });
      },
    },
  });
}

const refusedCodeSchema = z.object({
  ok: z.literal(false),
  error: z.enum(['code_not_accepted', 'too_many_tries']),
});
const redeemAnswerSchema = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    userId: z.uuid(),
    cardId: z.uuid(),
    outcome: z.enum(['activated', 'opened']),
  }),
  refusedCodeSchema,
]);
const enrolmentCheckSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  refusedCodeSchema,
]);
const finishedEnrolmentSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), name: z.string() }),
  refusedCodeSchema,
]);

/** What may be noted of a purchase that isn't paid. */
type UnpaidStatus = 'failed' | 'expired' | 'processing' | 'pending';

const storedEventSchema = z.object({ stored: z.boolean(), processed: z.boolean() });

const inboxEventSchema = z.object({ eventId: z.string(), type: z.string(), payload: z.unknown() });
export type InboxEvent = z.infer<typeof inboxEventSchema>;

export interface NewPurchase {
  purchaseId: string;
  tierId: string;
  kioskId: string | null;
  visitId: string | null;
  userId: string | null;
  livemode: boolean;
  claimTokenHash: string;
}

export interface CheckoutFacts {
  purchaseId: string;
  checkoutSessionId: string | null;
  paymentIntentId: string | null;
  checkoutUrl: string | null;
  expiresAt: string | null;
}

export interface PaymentFacts {
  purchaseId: string;
  paymentIntentId: string;
  amountCents: number;
  currency: string;
  livemode: boolean;
  codeNonce: string;
  codeKeyId: string;
  codeLookup: string;
}

export interface NewCardBatch {
  batchId: string;
  tierId: string;
  codes: readonly NewCode[];
  note: string;
  /** Account of the member of staff who asked. */
  issuedBy: string;
}

/** All that the relay asks of the database. */
export function createDatabase(client: SupabaseClient) {
  async function call(name: string, args: Record<string, unknown>): Promise<unknown> {
    const { data, error, status } = await client.rpc(name, args);
    if (error) throw failureOf(error, status, name);
    return data;
  }
  const purchase = async (name: string, args: Record<string, unknown>): Promise<PurchaseRow> =>
    purchaseRowSchema.parse(await call(name, args));
  const maybePurchase = async (name: string, args: Record<string, unknown>): Promise<PurchaseRow | null> =>
    purchaseRowSchema.nullable().parse(await call(name, args));

  return {
    /** False for one that is unknown or revoked. */
    isKioskEnrolled: async (kioskId: string): Promise<boolean> => {
      const kiosk = client.from('kiosks').select('id').eq('id', kioskId).is('revoked_at', null).maybeSingle();
      const { data, error, status } = await kiosk;
      if (error) throw failureOf(error, status, 'kiosks');
      return data !== null;
    },
    listPackages: async () => z.array(pricingPackageSchema).parse(await call('list_packages', {})),
    createPurchase: (input: NewPurchase) =>
      purchase('create_purchase', {
        p_purchase_id: input.purchaseId,
        p_tier_id: input.tierId,
        p_kiosk_id: input.kioskId,
        p_visit_id: input.visitId,
        p_user_id: input.userId,
        p_livemode: input.livemode,
        p_claim_token_hash: input.claimTokenHash,
      }),
    setPurchaseCheckout: (facts: CheckoutFacts) =>
      purchase('set_purchase_checkout', {
        p_purchase_id: facts.purchaseId,
        p_checkout_session_id: facts.checkoutSessionId,
        p_payment_intent_id: facts.paymentIntentId,
        p_checkout_url: facts.checkoutUrl,
        p_expires_at: facts.expiresAt,
      }),
    getPurchase: (purchaseId: string) => maybePurchase('get_purchase', { p_purchase_id: purchaseId }),
    findPurchase: (by: { checkoutSessionId?: string; paymentIntentId?: string; claimTokenHash?: string }) =>
      maybePurchase('find_purchase', {
        p_checkout_session_id: by.checkoutSessionId ?? null,
        p_payment_intent_id: by.paymentIntentId ?? null,
        p_claim_token_hash: by.claimTokenHash ?? null,
      }),
    /** @throws DatabaseRefusal `payment_mismatch` @throws DatabaseConflict when the code look-up is taken */
    fulfilPayment: (facts: PaymentFacts) =>
      purchase('fulfil_payment', {
        p_purchase_id: facts.purchaseId,
        p_payment_intent_id: facts.paymentIntentId,
        p_amount_cents: facts.amountCents,
        p_currency: facts.currency,
        p_livemode: facts.livemode,
        p_code_nonce: facts.codeNonce,
        p_code_key_id: facts.codeKeyId,
        p_code_lookup: facts.codeLookup,
      }),
    failPurchase: (purchaseId: string, status: UnpaidStatus, message: string | null) =>
      call('fail_purchase', { p_purchase_id: purchaseId, p_status: status, p_message: message }),
    refundPayment: (paymentIntentId: string, refundId: string, amountCents: number, reason: string) =>
      call('refund_payment', {
        p_payment_intent_id: paymentIntentId,
        p_refund_id: refundId,
        p_amount_cents: amountCents,
        p_reason: reason,
      }),
    redeemCode: async (lookups: string[], kioskId: string, visitId: string, userId: string | null) =>
      redeemAnswerSchema.parse(
        await call('redeem_code', {
          p_lookups: lookups,
          p_kiosk_id: kioskId,
          p_visit_id: visitId,
          p_user_id: userId,
        }),
      ),
    /** @throws DatabaseConflict when one of the code look-ups is taken: no card was made then */
    issueCardBatch: async (input: NewCardBatch) =>
      cardBatchRowSchema.parse(
        await call('issue_card_batch', {
          p_batch_id: input.batchId,
          p_tier_id: input.tierId,
          p_cards: input.codes,
          p_note: input.note,
          p_issued_by: input.issuedBy,
        }),
      ),
    getCardBatch: async (batchId: string, askedBy: string) =>
      cardBatchRowSchema
        .nullable()
        .parse(await call('get_card_batch', { p_batch_id: batchId, p_asked_by: askedBy })),
    /** @throws DatabaseRefusal `time_is_leased`, `wallet_merged`, `wallet_of_account` */
    mergeWallet: (fromUserId: string, intoUserId: string) =>
      call('merge_wallet', { p_from_user_id: fromUserId, p_into_user_id: intoUserId }),
    /** All of them or none; one answer each, in order. */
    storeWebhookEvents: async (events: readonly Stripe.Event[]) => {
      const p_events = events.map((event) => ({
        eventId: event.id,
        type: event.type,
        created: new Date(event.created * 1000).toISOString(),
        livemode: event.livemode,
        payload: event,
      }));
      const answers = z.array(storedEventSchema).parse(await call('store_webhook_events', { p_events }));
      if (answers.length !== events.length) throw new Error('store_webhook_events answered something else');
      return answers;
    },
    finishWebhookEvent: (eventId: string, error: string | null) =>
      call('finish_webhook_event', { p_event_id: eventId, p_error: error }),
    pendingWebhookEvents: async (limit: number) =>
      z.array(inboxEventSchema).parse(await call('pending_webhook_events', { p_limit: limit })),
    /** Time of the newest event in the inbox, seconds since 1970. */
    /** Seconds since 1970; undefined where no sweep has ended yet. */
    sweepCursor: async (account: string): Promise<number | undefined> => {
      const row = client.from('sweep_cursors').select('seconds').eq('account', account).maybeSingle();
      const { data, error, status } = await row;
      if (error) throw failureOf(error, status, 'sweep_cursors');
      return z.object({ seconds: z.number() }).nullable().parse(data)?.seconds;
    },
    advanceSweepCursor: async (account: string, seconds: number): Promise<void> => {
      await call('advance_sweep_cursor', { p_account: account, p_seconds: seconds });
    },
    newestEventSeconds: async (): Promise<number | undefined> => {
      const { data, error, status } = await client
        .from('webhook_inbox')
        .select('created')
        .order('created', { ascending: false })
        .limit(1);
      if (error) throw failureOf(error, status, 'webhook_inbox');
      const [newest] = z.array(z.object({ created: z.string() })).parse(data);
      return newest && Math.floor(Date.parse(newest.created) / 1000);
    },
    balance: async (userId: string) =>
      balanceSchema.parse(await call('get_user_time_balance', { user_id: userId })),
    /** How many cards were marked as expired. */
    cleanUpExpiredCards: async () => z.number().parse(await call('cleanup_expired_time_cards', {})),
    /** How many leases of silent kiosks were given back. */
    settleSilentLeases: async () => z.number().parse(await call('settle_silent_leases', {})),
    checkKioskEnrolment: async (codeHash: string, source: string) =>
      enrolmentCheckSchema.parse(
        await call('check_kiosk_enrolment', { p_code_hash: codeHash, p_source: source }),
      ),
    finishKioskEnrolment: async (codeHash: string, kioskId: string, authUserId: string) =>
      finishedEnrolmentSchema.parse(
        await call('finish_kiosk_enrolment', {
          p_code_hash: codeHash,
          p_kiosk_id: kioskId,
          p_auth_user_id: authUserId,
        }),
      ),
    enrolKiosk: (kioskId: string, authUserId: string, name: string) =>
      call('enrol_kiosk', { p_kiosk_id: kioskId, p_auth_user_id: authUserId, p_name: name }),
  };
}
export type Database = ReturnType<typeof createDatabase>;

/** Classes of SQLSTATE that mean "not now": connection trouble, out of resources, operator intervention. */
const UNAVAILABLE_STATES = /^(08|53|57P)/;

/** What a failed call means. `status` is the HTTP status, 0 when nobody answered. */
export function failureOf(
  error: Pick<PostgrestError, 'code' | 'message'>,
  status: number,
  what: string,
): Error {
  if (error.code === 'P0001') return new DatabaseRefusal(error.message);
  if (error.code === '23505') return new DatabaseConflict(error.message);
  const isUnavailable =
    status === 0 || [502, 503, 504].includes(status) || UNAVAILABLE_STATES.test(error.code);
  if (isUnavailable) return refusals.databaseUnavailable(new Error(`${what}: ${error.message}`));
  return new Error(`${what} failed with ${status} ${error.code}: ${error.message}`);
}
