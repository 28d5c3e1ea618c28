/** Wallets: whose is whose, what they hold, and what an account may read about its own talks and purchases. */

import { z } from 'zod';
import type { ProductClient } from '../../../src-runtime/supabase-client.ts';
import { type analyticsResponseSchema, balanceSchema } from '../../../src-shared/relay-api.ts';
import { call, nothing, rowsOf } from './client.ts';

/** Rows asked for at once; Supabase answers no more than 1000 by default. */
const PAGE_ROWS = 1_000;

const talkSchema = z.object({ seconds: z.number().int(), started_at: z.string() });
const paymentSchema = z.object({
  kind: z.enum(['payment', 'refund']),
  amount_cents: z.number().int(),
  currency: z.string(),
});

export type Analytics = Omit<z.infer<typeof analyticsResponseSchema>, 'userId'>;

export function createWallets(client: ProductClient) {
  /** Every row that belongs to one wallet, newest first, page by page. */
  async function allRows<Row>(
    table: 'voice_sessions' | 'payment_history',
    columns: string,
    orderBy: string,
    userId: string,
    schema: z.ZodType<Row>,
  ): Promise<Row[]> {
    const rows: Row[] = [];
    for (;;) {
      const page = await client
        .from(table)
        .select(columns)
        .eq('user_id', userId)
        .order(orderBy, { ascending: false })
        .order('id')
        .range(rows.length, rows.length + PAGE_ROWS - 1);
      const data = rowsOf(page, table);
      rows.push(...z.array(schema).parse(data));
      if (data.length < PAGE_ROWS) return rows;
    }
  }

  return {
    /** The wallet of an account, null when it has none (a kiosk, staff). */
    walletOf: async (authUserId: string): Promise<string | null> => {
      const user = client.from('users').select('id').eq('auth_user_id', authUserId).maybeSingle();
      const data = rowsOf(await user, 'users');
      return z.object({ id: z.uuid() }).nullable().parse(data)?.id ?? null;
    },
    /**
     * Whether this visit of a kiosk may give the wallet away into another one: it opened it with a code and the grant
     * still lives, or it has done so already and only the answer was lost.
     */
    isHeldBy: async (
      userId: string,
      kioskId: string,
      visitId: string,
      intoUserId: string,
    ): Promise<boolean> => {
      const grants = await client
        .from('visit_grants')
        .select('user_id')
        .match({ user_id: userId, kiosk_id: kioskId, visit_id: visitId })
        .gt('expires_at', new Date().toISOString());
      if (rowsOf(grants, 'visit_grants').length > 0) return true;
      const merged = await client.from('users').select('id').match({ id: userId, merged_into: intoUserId });
      return rowsOf(merged, 'users').length > 0;
    },
    /** What it holds now. The function has its parameter's name from its users. */
    balance: (userId: string) => call(client, 'get_user_time_balance', { user_id: userId }, balanceSchema),
    /** @throws DatabaseRefusal `time_is_leased`, `wallet_merged`, `wallet_of_account` */
    merge: (fromUserId: string, intoUserId: string) =>
      call(client, 'merge_wallet', { fromUserId, intoUserId }, nothing),
    analyticsOf: async (userId: string): Promise<Analytics> => {
      const [talks, payments] = await Promise.all([
        allRows('voice_sessions', 'seconds,started_at', 'started_at', userId, talkSchema),
        allRows('payment_history', 'kind,amount_cents,currency', 'created_at', userId, paymentSchema),
      ]);
      return summarize(talks, payments);
    },
  };
}
export type Wallets = ReturnType<typeof createWallets>;

/** Sums of one wallet. `paidCents` is what was paid less what was given back; both lists are newest first. */
export function summarize(
  talks: readonly z.infer<typeof talkSchema>[],
  payments: readonly z.infer<typeof paymentSchema>[],
): Analytics {
  const totalSeconds = talks.reduce((sum, talk) => sum + talk.seconds, 0);
  return {
    talks: talks.length,
    totalSeconds,
    averageSeconds: talks.length === 0 ? 0 : Math.round(totalSeconds / talks.length),
    lastTalkAt: talks[0]?.started_at ?? null,
    cardsBought: payments.filter((payment) => payment.kind === 'payment').length,
    paidCents: payments.reduce(
      (sum, { kind, amount_cents: cents }) => sum + (kind === 'payment' ? cents : -cents),
      0,
    ),
    currency: payments[0]?.currency ?? 'usd',
  };
}
