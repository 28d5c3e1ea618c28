/**
 * The four witnesses compared: the stations' SQLite logs, the ledger in Postgres, the sandbox's payments, and what the
 * screens showed. Everything is compared from the beginning of the campaign, lease by lease and purchase by purchase.
 */
import { join } from 'node:path';
import { readSqliteCopy } from '../support/station/usage.ts';
import type { Plant } from './plant.ts';

export interface Verdict {
  /** Seconds that are in a station's log, or were on a screen, and were not spent in the ledger. */
  lostSeconds: number;
  /** Seconds spent in the ledger beyond those in the logs. */
  doubledSeconds: number;
  /** Seconds talked or spent beyond what the wallet was ever given. */
  overspentSeconds: number;
  /** Everything else that is wrong, in words. */
  faults: string[];
  /** Seconds in the logs. */
  talkedSeconds: number;
  talks: number;
  /** Payments the sandbox took. */
  payments: number;
}

interface Tick {
  lease: string;
  talk: string;
  wallet: string;
  seconds: number;
}

/** Compares once everything has been sent. */
export async function compareBooks(plant: Plant, shown: ReadonlyMap<string, number>): Promise<Verdict> {
  const ticks = plant.kiosks.flatMap(({ dataDir }) => ticksOf(dataDir));
  const spentByLease = await sums(
    plant,
    `select lease_id as key, sum(paid_seconds + bonus_seconds) as seconds from public.ledger_entries
     where to_bucket = 'spent' group by lease_id`,
  );
  const spentByWallet = await sums(
    plant,
    `select user_id as key, sum(paid_seconds + bonus_seconds) as seconds from public.ledger_entries
     where to_bucket = 'spent' group by user_id`,
  );
  const givenByWallet = await sums(
    plant,
    `select user_id as key, sum(paid_seconds + bonus_seconds) as seconds from public.time_cards
     where user_id is not null group by user_id`,
  );
  const tickedByLease = totals(ticks, ({ lease }) => lease);
  const tickedByWallet = totals(ticks, ({ wallet }) => wallet);
  const tickedByTalk = totals(ticks, ({ talk }) => talk);
  const usedByWallet = new Map(
    [...new Set([...tickedByWallet.keys(), ...spentByWallet.keys()])].map((wallet) => [
      wallet,
      Math.max(tickedByWallet.get(wallet) ?? 0, spentByWallet.get(wallet) ?? 0),
    ]),
  );
  const payments = await comparePayments(plant);
  return {
    lostSeconds: excess(tickedByLease, spentByLease) + excess(shown, tickedByTalk),
    doubledSeconds: excess(spentByLease, tickedByLease),
    overspentSeconds: excess(usedByWallet, givenByWallet),
    faults: [...(await ledgerFaults(plant)), ...payments.faults],
    talkedSeconds: ticks.reduce((sum, { seconds }) => sum + seconds, 0),
    talks: tickedByTalk.size,
    payments: payments.taken,
  };
}

/** True when every second has been sent and every lease given back. */
export async function isSettled(plant: Plant): Promise<boolean> {
  const { rows } = await plant.database.query<{ open: string }>(
    `select count(*) as open from public.leases where status in ('open', 'lapsed')`,
  );
  if (Number(rows[0]?.open) > 0) return false;
  return plant.kiosks.every(({ dataDir }) => unsentRows(dataDir) === 0);
}

/** Paid purchases that have no card yet: a webhook, the polling or the sweep still has to bring it. */
export async function unfulfilledPayments(plant: Plant): Promise<string[]> {
  const purchases = await purchasesOf(plant);
  return sandboxPayments(plant)
    .filter(({ purchase }) => purchases.get(purchase)?.cards !== 1)
    .map(({ purchase }) => purchase);
}

function ticksOf(dataDir: string): Tick[] {
  return readSqliteCopy(storeFile(dataDir), (database) =>
    database
      .prepare(
        `select coalesce(lease_id, '') as lease, talk_id as talk, coalesce(user_id, '') as wallet, sum(seconds) as seconds
         from usage_rows where seconds > 0 group by lease_id, talk_id, user_id`,
      )
      .all(),
  ) as Tick[];
}

function unsentRows(dataDir: string): number {
  const row = readSqliteCopy(storeFile(dataDir), (database) =>
    database.prepare('select coalesce(sum(last_seq - confirmed_seq), 0) as rows from epochs').get(),
  );
  return (row as { rows: number }).rows;
}

function storeFile(dataDir: string): string {
  return join(dataDir, 'station', 'usage.sqlite');
}

async function sums(plant: Plant, query: string): Promise<Map<string, number>> {
  const { rows } = await plant.database.query<{ key: string | null; seconds: string }>(query);
  return new Map(rows.map(({ key, seconds }) => [key ?? '', Number(seconds)]));
}

function totals(ticks: readonly Tick[], keyOf: (tick: Tick) => string): Map<string, number> {
  const result = new Map<string, number>();
  for (const tick of ticks) result.set(keyOf(tick), (result.get(keyOf(tick)) ?? 0) + tick.seconds);
  return result;
}

/** By how much the values of `these` are above those of `those`, key by key. */
export function excess(these: ReadonlyMap<string, number>, those: ReadonlyMap<string, number>): number {
  return [...these].reduce((sum, [key, seconds]) => sum + Math.max(0, seconds - (those.get(key) ?? 0)), 0);
}

async function ledgerFaults(plant: Plant): Promise<string[]> {
  const { rows } = await plant.database.query<object>('select * from public.verify_ledger()');
  return rows.map((row) => `verify_ledger: ${JSON.stringify(row)}`);
}

interface Purchase {
  status: string;
  cards: number;
  cents: number;
}

async function purchasesOf(plant: Plant): Promise<Map<string, Purchase>> {
  const { rows } = await plant.database.query<Purchase & { id: string }>(
    `select p.id, p.status, p.price_cents as cents, count(c.id)::int as cards from public.purchases p
     left join public.time_cards c on c.purchase_id = p.id group by p.id`,
  );
  return new Map(rows.map(({ id, ...purchase }) => [id, purchase]));
}

interface Payment {
  purchase: string;
  cents: number;
}

/** Charges that took money, as the sandbox has them on its own disk. */
function sandboxPayments(plant: Plant): Payment[] {
  return readSqliteCopy(join(plant.dataDir, 'stripe-sandbox.sqlite'), (database) =>
    database
      .prepare(
        `select coalesce(json_extract(body, '$.metadata.purchase_id'), '') as purchase,
           json_extract(body, '$.amount') as cents
         from records where kind = 'charge' and json_extract(body, '$.status') = 'succeeded'`,
      )
      .all(),
  ) as Payment[];
}

async function comparePayments(plant: Plant): Promise<{ faults: string[]; taken: number }> {
  const purchases = await purchasesOf(plant);
  const payments = sandboxPayments(plant);
  const paid = new Set<string>();
  const faults: string[] = [];
  for (const { purchase, cents } of payments) {
    if (paid.has(purchase)) faults.push(`purchase ${purchase} was paid twice`);
    paid.add(purchase);
    const row = purchases.get(purchase);
    if (!row) faults.push(`a payment for no purchase: ${purchase}`);
    else if (row.cents !== cents)
      faults.push(`purchase ${purchase}: ${cents} cents paid, price ${row.cents}`);
  }
  for (const [id, { cards, status }] of purchases) {
    if (cards > 1) faults.push(`purchase ${id} was fulfilled ${cards} times`);
    if (cards > 0 && !paid.has(id)) faults.push(`purchase ${id} was fulfilled without being paid`);
    if ((status === 'paid') !== cards > 0) faults.push(`purchase ${id} is ${status} with ${cards} cards`);
  }
  return { faults, taken: payments.length };
}
