/** What the books must say when the campaign is over; each difference is one violation, in words. */
import type { RelayStack } from '../support/relay/relay.ts';
import type { Payments } from './payments.ts';

export interface Audit {
  /** Paid purchases with exactly one card, one payment and one code. */
  fulfilledOnce: number;
  violations: string[];
}

interface Fulfilment {
  id: string;
  cards: number;
  payments: number;
  codes: number;
}

/** Compares the database with what was really paid and given back. */
export async function audit(stack: RelayStack, payments: Payments): Promise<Audit> {
  const { admin } = stack.supabase.database;
  const violations: string[] = [];
  const { rows } = await admin.query<Fulfilment>(
    `select p.id::text, count(distinct c.id)::int as cards, count(distinct h.id)::int as payments,
       count(distinct k.card_id)::int as codes
     from public.purchases as p
     left join public.time_cards as c on c.purchase_id = p.id
     left join public.card_codes as k on k.card_id = c.id
     left join public.payment_history as h on h.purchase_id = p.id and h.kind = 'payment'
     group by p.id`,
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  let fulfilledOnce = 0;
  for (const id of payments.paidPurchaseIds) {
    const row = found.get(id);
    if (row?.cards === 1 && row.payments === 1 && row.codes === 1) fulfilledOnce += 1;
    else violations.push(`paid, not fulfilled once: ${JSON.stringify(row ?? id)}`);
  }
  for (const id of payments.unpaidPurchaseIds) {
    const row = found.get(id);
    if (row?.cards !== 0 || row.payments !== 0)
      violations.push(`fulfilled unpaid: ${JSON.stringify(row ?? id)}`);
  }
  const back = await admin.query<{ id: string }>(
    `select refund_id as id from public.payment_history where kind = 'refund'`,
  );
  const booked = new Set(back.rows.map(({ id }) => id));
  for (const id of payments.moneyBackIds)
    if (!booked.has(id)) violations.push(`money back not booked: ${id}`);
  if (booked.size !== payments.moneyBackIds.length || back.rows.length !== booked.size)
    violations.push(`${back.rows.length} bookings of money back, ${payments.moneyBackIds.length} happened`);
  const forged = await admin.query(
    `select event_id from public.webhook_inbox where event_id like 'evt_forged_%' or livemode`,
  );
  for (const { event_id: id } of forged.rows) violations.push(`forged event in the inbox: ${id}`);
  const { data, error } = await stack.supabase.service().rpc('verify_ledger');
  if (error) throw error;
  for (const problem of data) violations.push(`verify_ledger: ${JSON.stringify(problem)}`);
  return { fulfilledOnce, violations };
}
