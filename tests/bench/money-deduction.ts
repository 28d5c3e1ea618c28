/**
 * deduct_user_time over three cards against the same work hand-written in plain SQL on tables of the same columns, keys
 * and indexes, without triggers: lock the user, look for the request, take first-expiring first, write the ledger, tell
 * the rest. Commits on the disk, in turns.
 */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { startTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { type BenchOptions, type Metric, median } from './bench.ts';

const CLIENTS = [1, 4, 16];
const USERS = 64;
const CARDS = 3;
const WARM_UP_CALLS = 10;
const LEDGER_ENTRIES = 6_400;
/** Enough that nobody runs out while measured. */
const CARD_SECONDS = 30_000_000;

interface Deduction {
  /** Takes one minute from the user under a request id of its own. */
  text: string;
}

const PRODUCT: Deduction = { text: 'select public.deduct_user_time($1::uuid, 1, $2::uuid)' };
const PLAIN: Deduction = { text: 'select plain.deduct($1::uuid, 60, $2::uuid)' };

export async function benchDeduction(
  { quick }: BenchOptions,
  report: (metric: Metric) => void,
): Promise<void> {
  const database = await startTestDatabase({ durable: true });
  try {
    const users = await prepare(database);
    const durationMs = quick ? 1_500 : 4_000;
    const rounds = quick ? 1 : 3;
    const compare = async (metric: string, clients: number, among: readonly string[]) => {
      const rates: { product: number[]; plain: number[] } = { product: [], plain: [] };
      for (let round = 0; round < rounds; round += 1) {
        rates.plain.push(await rateOf(database, PLAIN, { clients, users: among, durationMs }));
        rates.product.push(await rateOf(database, PRODUCT, { clients, users: among, durationMs }));
      }
      report({ metric, value: median(rates.product), unit: '/s', reference: median(rates.plain) });
    };
    for (const clients of CLIENTS) await compare(`deductions a second, ${clients} clients`, clients, users);
    await compare('deductions a second, 16 clients on one user', 16, users.slice(0, 1));
  } finally {
    await database.stop();
  }
}

/** Users with cards, and the function to compare with. */
async function prepare(database: TestDatabase): Promise<string[]> {
  const users = Array.from({ length: USERS }, () => randomUUID());
  await database.admin.query(PLAIN_SQL);
  const cards = users.flatMap((userId) =>
    Array.from({ length: CARDS }, (_, index) => ({ id: randomUUID(), userId, days: 10 + index })),
  );
  await database.admin.query('insert into public.users (id) select unnest($1::uuid[])', [users]);
  await database.admin.query(
    `with made as (
       insert into public.card_batches (id, tier_id, tier_name, card_count)
       select gen_random_uuid(), 'starter', 'Starter', 500 returning id)
     insert into public.time_cards (id, user_id, batch_id, tier_id, tier_name, price_cents, currency, status, activated_at,
       expires_at)
     select c.id, c."userId", made.id, 'starter', 'Starter', 999, 'usd', 'active', now(), now() + make_interval(days => c.days)
     from made, jsonb_to_recordset($1::jsonb) as c (id uuid, "userId" uuid, days integer)`,
    [JSON.stringify(cards)],
  );
  await database.admin.query(
    `insert into public.ledger_entries (card_id, user_id, kind, from_bucket, to_bucket, paid_seconds, bonus_seconds,
       idempotency_key)
     select c.id, c.user_id, 'bought', 'outside', 'available', $1, 0, 'bought:' || c.id from public.time_cards as c`,
    [CARD_SECONDS],
  );
  await database.admin.query('insert into plain.time_cards select * from public.time_cards');
  // Ledgers with a past, known to the planner: in an empty one each side is measured on plans for an empty table.
  for (const deduct of ['plain.deduct(u.id, 60,', 'public.deduct_user_time(u.id, 1,']) {
    await database.admin.query(
      `select ${deduct} gen_random_uuid()) from public.users as u, generate_series(1, $1)`,
      [LEDGER_ENTRIES / USERS],
    );
  }
  await database.admin.query('vacuum analyze');
  return users;
}

interface Load {
  clients: number;
  users: readonly string[];
  durationMs: number;
}

/** Deductions a second of so many clients, each with one request after the other. */
async function rateOf(
  database: TestDatabase,
  { text }: Deduction,
  { clients, users, durationMs }: Load,
): Promise<number> {
  const connections = await Promise.all(Array.from({ length: clients }, () => connect(database)));
  const deduct = (client: Client, turn: number) =>
    client.query({ name: 'deduct', text, values: [users[turn % users.length], randomUUID()] });
  // The first calls of a connection compile and plan.
  await Promise.all(
    connections.map(async (client, index) => {
      for (let turn = 0; turn < WARM_UP_CALLS; turn += 1) await deduct(client, index + turn);
    }),
  );
  let done = 0;
  const beganAtMs = performance.now();
  const endMs = beganAtMs + durationMs;
  await Promise.all(
    connections.map(async (client, index) => {
      for (let turn = index; performance.now() < endMs; turn += 1) {
        await deduct(client, turn);
        done += 1;
      }
    }),
  );
  const seconds = (performance.now() - beganAtMs) / 1_000;
  await Promise.all(connections.map((client) => client.end()));
  return done / seconds;
}

async function connect(database: TestDatabase): Promise<Client> {
  const client = new Client(database.connection);
  await client.connect();
  await client.query(`select set_config('request.jwt.claims', '{"role":"service_role"}', false)`);
  await client.query('set role service_role');
  return client;
}

/** What the product promises, in as few statements as can be: no layers, no checks of who calls, no merged wallets. */
const PLAIN_SQL = `
create schema plain;
create table plain.time_cards (like public.time_cards including all);
create table plain.ledger_entries (like public.ledger_entries including all);
alter table plain.ledger_entries add foreign key (card_id) references plain.time_cards (id),
  add foreign key (user_id) references public.users (id), add foreign key (lease_id) references public.leases (id);
create function plain.deduct(p_user_id uuid, p_seconds integer, p_request_id uuid) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_taken integer;
begin
  perform from public.users as u where u.id = p_user_id for no key update;
  select sum(e.paid_seconds + e.bonus_seconds) into v_taken
  from plain.ledger_entries as e where e.request_id = p_request_id;
  if v_taken is null then
    with ordered as (
      select c.id, c.paid_available_seconds as paid, c.bonus_available_seconds as bonus,
        sum(c.paid_available_seconds + c.bonus_available_seconds) over (order by c.expires_at, c.activated_at, c.id)
          - (c.paid_available_seconds + c.bonus_available_seconds) as before
      from plain.time_cards as c
      where c.user_id = p_user_id and c.status = 'active' and c.expires_at > clock_timestamp()
        and c.paid_available_seconds + c.bonus_available_seconds > 0
    ), taken as (
      select o.id, least(o.paid, p_seconds - o.before)::integer as paid,
        least(o.bonus, greatest(0, p_seconds - o.before - o.paid))::integer as bonus
      from ordered as o where o.before < p_seconds
    ), updated as (
      update plain.time_cards as c set
        paid_available_seconds = c.paid_available_seconds - t.paid, paid_spent_seconds = c.paid_spent_seconds + t.paid,
        bonus_available_seconds = c.bonus_available_seconds - t.bonus, bonus_spent_seconds = c.bonus_spent_seconds + t.bonus
      from taken as t where c.id = t.id returning c.id, t.paid, t.bonus
    ), written as (
      insert into plain.ledger_entries (card_id, user_id, request_id, kind, from_bucket, to_bucket, paid_seconds,
        bonus_seconds, idempotency_key)
      select u.id, p_user_id, p_request_id, 'deducted', 'available', 'spent', u.paid, u.bonus,
        concat('plain:', p_request_id, ':', u.id)
      from updated as u returning paid_seconds + bonus_seconds as seconds
    )
    select sum(w.seconds) into v_taken from written as w;
    if v_taken is distinct from p_seconds then
      raise exception 'no_time_left';
    end if;
  end if;
  return (
    select sum(c.paid_available_seconds + c.bonus_available_seconds) from plain.time_cards as c
    where c.user_id = p_user_id and c.status = 'active' and c.expires_at > clock_timestamp());
end
$$;
grant usage on schema plain to service_role;
grant execute on function plain.deduct(uuid, integer, uuid) to service_role;
`;
