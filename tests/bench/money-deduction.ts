/**
 * deduct_user_time over three cards against the same work hand-written in plain SQL on tables of its own: lock the user,
 * look for the request, take first-expiring first, write the ledger. Same Postgres, commits on the disk, in turns.
 */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { startTestDatabase, type TestDatabase } from '../support/database.ts';
import { type BenchOptions, type Metric, median } from './bench.ts';

const CLIENTS = [1, 4, 16];
const USERS = 64;
const CARDS = 3;
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

/** The same users with the same cards, in the product's tables and in plain ones. */
async function prepare(database: TestDatabase): Promise<string[]> {
  const users = Array.from({ length: USERS }, () => randomUUID());
  await database.admin.query(PLAIN_SQL);
  await database.admin.query('grant usage on schema plain to service_role');
  await database.admin.query('grant select, insert, update on all tables in schema plain to service_role');
  const cards = users.flatMap((userId) =>
    Array.from({ length: CARDS }, (_, index) => ({ id: randomUUID(), userId, days: 10 + index })),
  );
  const rows = JSON.stringify(cards);
  await database.admin.query('insert into public.users (id) select unnest($1::uuid[])', [users]);
  await database.admin.query('insert into plain.users (id) select unnest($1::uuid[])', [users]);
  await database.admin.query(
    `with made as (
       insert into public.card_batches (id, tier_id, tier_name, card_count)
       select gen_random_uuid(), 'starter', 'Starter', 500 returning id)
     insert into public.time_cards (id, user_id, batch_id, tier_id, tier_name, price_cents, currency, status, activated_at,
       expires_at, paid_seconds, paid_available_seconds)
     select c.id, c."userId", made.id, 'starter', 'Starter', 999, 'usd', 'active', now(),
       now() + make_interval(days => c.days), $2::integer, $2::integer
     from made, jsonb_to_recordset($1::jsonb) as c (id uuid, "userId" uuid, days integer)`,
    [rows, CARD_SECONDS],
  );
  await database.admin.query(
    `insert into plain.cards (id, user_id, expires_at, paid, bonus, spent)
     select c.id, c."userId", now() + make_interval(days => c.days), $2, 0, 0
     from jsonb_to_recordset($1::jsonb) as c (id uuid, "userId" uuid, days integer)`,
    [rows, CARD_SECONDS],
  );
  await database.admin.query('analyze');
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
  let done = 0;
  const beganAtMs = performance.now();
  const endMs = beganAtMs + durationMs;
  await Promise.all(
    connections.map(async (client, index) => {
      for (let turn = index; performance.now() < endMs; turn += 1) {
        await client.query({ name: 'deduct', text, values: [users[turn % users.length], randomUUID()] });
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

const PLAIN_SQL = `
create schema plain;
create table plain.users (id uuid primary key);
create table plain.cards (
  id uuid primary key, user_id uuid not null references plain.users (id), expires_at timestamptz not null,
  paid integer not null check (paid >= 0), bonus integer not null check (bonus >= 0), spent integer not null);
create index on plain.cards (user_id, expires_at);
create table plain.ledger (
  id bigint generated always as identity primary key, at timestamptz not null default clock_timestamp(),
  card_id uuid not null references plain.cards (id), user_id uuid not null references plain.users (id),
  request_id uuid not null, paid integer not null, bonus integer not null, unique (request_id, card_id));
create function plain.deduct(p_user_id uuid, p_seconds integer, p_request_id uuid) returns integer
language plpgsql as $$
declare
  v_taken integer;
begin
  perform from plain.users as u where u.id = p_user_id for no key update;
  select sum(l.paid + l.bonus) into v_taken from plain.ledger as l where l.request_id = p_request_id;
  if v_taken is not null then
    return v_taken;
  end if;
  with ordered as (
    select c.id, c.paid, c.bonus,
      sum(c.paid + c.bonus) over (order by c.expires_at, c.id) - (c.paid + c.bonus) as before
    from plain.cards as c
    where c.user_id = p_user_id and c.expires_at > clock_timestamp() and c.paid + c.bonus > 0
  ), taken as (
    select o.id, least(o.paid, p_seconds - o.before)::integer as paid,
      least(o.bonus, greatest(0, p_seconds - o.before - o.paid))::integer as bonus
    from ordered as o where o.before < p_seconds
  ), updated as (
    update plain.cards as c set paid = c.paid - t.paid, bonus = c.bonus - t.bonus, spent = c.spent + t.paid + t.bonus
    from taken as t where c.id = t.id returning c.id, t.paid, t.bonus
  ), written as (
    insert into plain.ledger (card_id, user_id, request_id, paid, bonus)
    select u.id, p_user_id, p_request_id, u.paid, u.bonus from updated as u returning paid + bonus as seconds
  )
  select sum(w.seconds) into v_taken from written as w;
  if v_taken is distinct from p_seconds then
    raise exception 'no_time_left';
  end if;
  return (select sum(c.paid + c.bonus) from plain.cards as c where c.user_id = p_user_id and c.expires_at > clock_timestamp());
end
$$;
`;
