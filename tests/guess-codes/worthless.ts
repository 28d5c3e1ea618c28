/** Codes that open nothing, one of each kind, made on a real database through the relay's own functions. */
import type { RelayStack } from '../support/relay/relay.ts';
import { payAt, visitAt } from '../support/relay/relay.ts';
import { until } from '../support/stripe/stripe-sandbox.ts';

export const WORTHLESS = ['unknown', 'expired', 'revoked', 'retired', 'refunded'] as const;
export type Worthless = (typeof WORTHLESS)[number];

/** A code that was never made: each symbol is of the alphabet. */
export const UNKNOWN_CODE = '0123456789AB';

/** Buys a card for each kind and ends it in its own way. */
export async function worthlessCodes(stack: RelayStack, token: string): Promise<Record<Worthless, string>> {
  const { admin } = stack.supabase.database;
  const bought = async () => {
    const at = visitAt(stack.relay, token);
    const { purchaseId, checkoutUrl } = await at.buy();
    await payAt(checkoutUrl);
    let code: string | null = null;
    await until(async () => {
      code = (await at.poll(purchaseId)).code;
      return code !== null;
    });
    if (code === null) throw new Error('a paid purchase has no code');
    return { purchaseId, code: code as string, redeem: () => at.redeem(code ?? '') };
  };
  const cardOf = `(select c.id from public.time_cards as c where c.purchase_id = $1)`;
  const expired = await bought();
  await expired.redeem();
  await admin.query(
    `update public.time_cards set expires_at = now() - interval '1 day', activated_at = now() - interval '366 days'
     where id = ${cardOf}`,
    [expired.purchaseId],
  );
  const revoked = await bought();
  await revoked.redeem();
  await admin.query(`select public.revoke_card(${cardOf}, 'campaign')`, [revoked.purchaseId]);
  const retired = await bought();
  await retired.redeem();
  await admin.query(`update public.card_codes set retired_at = now() where card_id = ${cardOf}`, [
    retired.purchaseId,
  ]);
  const refunded = await bought();
  const intent = await admin.query<{ id: string }>(
    'select payment_intent_id as id from public.purchases where id = $1',
    [refunded.purchaseId],
  );
  await stack.sandbox.stripe.refunds.create({ payment_intent: intent.rows[0]?.id ?? '' });
  await until(async () => {
    const { rows } = await admin.query<{ status: string }>(
      'select status from public.purchases where id = $1',
      [refunded.purchaseId],
    );
    return rows[0]?.status === 'refunded';
  });
  return {
    unknown: UNKNOWN_CODE,
    expired: expired.code,
    revoked: revoked.code,
    retired: retired.code,
    refunded: refunded.code,
  };
}
