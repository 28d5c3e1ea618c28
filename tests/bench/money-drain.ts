/**
 * Sending the usage log: the product's batches against one call a row, both through the embedded Supabase API into a
 * Postgres whose commits are on the disk. Every row is a second of a lease, and is spent in the ledger.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../../src-runtime/log.ts';
import { systemClock } from '../../src-station/clock.ts';
import { UsageStore } from '../../src-station/store/index.ts';
import { SupabaseDoor } from '../../src-station/supabase-door/index.ts';
import { UsageSync } from '../../src-station/sync/index.ts';
import { type Kiosk, makeWallet, openLease, type Wallet } from '../support/database/database-kit.ts';
import { enrolKiosk } from '../support/station/metering.ts';
import { startTestSupabase } from '../support/supabase/supabase.ts';
import type { BenchOptions, Metric } from './bench.ts';

const LEASE_SECONDS = 900;
const CARD_SECONDS = 40_000;

export async function benchDrain({ quick }: BenchOptions, report: (metric: Metric) => void): Promise<void> {
  const supabase = await startTestSupabase({ durable: true });
  const dir = mkdtempSync(join(tmpdir(), 'mindbot-drain-'));
  const { kiosk, account } = await enrolKiosk(supabase);
  const [clock, log] = [systemClock(), createLogger({ service: 'bench', level: 'silent' })];
  const door = new SupabaseDoor({ url: supabase.url, anonKey: supabase.anonKey, account, clock, log });
  const store = new UsageStore({ dir, key: new Uint8Array(32), wallMs: () => clock.wallMs() });
  try {
    const wallet = await makeWallet(supabase.database, kiosk, [{ paidSeconds: CARD_SECONDS }]);
    const leaseId = await leaseOf(kiosk, wallet, quick ? 5 : 20);
    const fill = (count: number) => {
      const ids = { talkId: randomUUID(), leaseId, userId: wallet.userId, visitId: wallet.visitId };
      const tick = { kind: 'tick' as const, ...ids, seconds: 1, note: '', atMs: clock.wallMs() };
      store.append(Array.from({ length: count }, () => tick));
    };
    const single = quick ? 200 : 600;
    fill(single);
    const oneByOne = await perSecond(single, async () => {
      for (let batch = store.nextBatch(1); batch; batch = store.nextBatch(1)) {
        const answer = await door.postUsage(batch.epoch, batch.rows);
        if (!answer.ok) throw new Error(answer.error.detail);
        store.confirm(batch.epoch, answer.value.lastSeq);
      }
    });
    const many = quick ? 4_000 : 16_000;
    fill(many);
    // Made only now: it sends by itself what it finds.
    const sync = new UsageSync({
      store,
      database: door,
      clock,
      log,
      random: Math.random,
      onAnswer: () => undefined,
    });
    const inBatches = await perSecond(many, async () => {
      if (!(await sync.flush())) throw new Error(sync.healthLine);
    });
    sync.stop();
    const { rows } = await supabase.database.admin.query<{ spent: number }>(
      'select spent_seconds as spent from public.leases where id = $1',
      [leaseId],
    );
    if (rows[0]?.spent !== single + many) throw new Error(`spent ${rows[0]?.spent}, sent ${single + many}`);
    report({
      metric: 'outbox drain, rows a second, against one call a row',
      value: inBatches,
      unit: '/s',
      reference: oneByOne,
    });
  } finally {
    door.stop();
    store.close();
    rmSync(dir, { recursive: true, force: true });
    await supabase.stop();
  }
}

/** One lease, extended again and again. */
async function leaseOf(kiosk: Kiosk, wallet: Wallet, steps: number): Promise<string> {
  const { leaseId } = await openLease(kiosk, wallet, LEASE_SECONDS);
  for (let n = 1; n < steps; n += 1)
    await kiosk.rpc('extend_lease', { p_lease_id: leaseId, p_n: n, p_seconds: LEASE_SECONDS });
  return leaseId;
}

async function perSecond(count: number, work: () => Promise<void>): Promise<number> {
  const beganAtMs = performance.now();
  await work();
  return (count * 1_000) / (performance.now() - beganAtMs);
}
