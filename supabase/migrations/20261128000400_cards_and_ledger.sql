-- Prepaid time: cards, the codes that open them, and the append-only ledger that proves what became of each second.

create table public.time_cards (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references public.users (id),
  -- Where it comes from: a purchase or a batch. Both tables come later and add the reference.
  purchase_id uuid unique,
  batch_id uuid,
  tier_id text not null references public.pricing_tiers (id),
  tier_name text not null,
  price_cents integer not null check (price_cents >= 0),
  currency text not null check (currency ~ '^[a-z]{3}$'),
  status text not null default 'issued' check (status in ('issued', 'active', 'expired', 'refunded', 'revoked')),
  activated_at timestamptz,
  expires_at timestamptz,
  -- Seconds that money was given back for while a lease held them: taken when the lease lets go.
  refund_owed_seconds integer not null default 0,
  -- After a refund by the rule the bonus is void, also what comes back from a lease.
  bonus_void boolean not null default false,
  -- What was bought. A card is born empty: the ledger brings it (app.new_card).
  paid_seconds integer not null default 0,
  paid_available_seconds integer not null default 0,
  paid_held_seconds integer not null default 0,
  paid_spent_seconds integer not null default 0,
  paid_refunded_seconds integer not null default 0,
  paid_expired_seconds integer not null default 0,
  paid_written_off_seconds integer not null default 0,
  bonus_seconds integer not null default 0,
  bonus_available_seconds integer not null default 0,
  bonus_held_seconds integer not null default 0,
  bonus_spent_seconds integer not null default 0,
  bonus_refunded_seconds integer not null default 0,
  bonus_expired_seconds integer not null default 0,
  bonus_written_off_seconds integer not null default 0,
  created_at timestamptz not null default now(),
  constraint cards_come_from_one_source check (pg_catalog.num_nonnulls(purchase_id, batch_id) = 1),
  constraint paid_seconds_are_all_somewhere check (paid_seconds = paid_available_seconds + paid_held_seconds
    + paid_spent_seconds + paid_refunded_seconds + paid_expired_seconds + paid_written_off_seconds),
  constraint bonus_seconds_are_all_somewhere check (bonus_seconds = bonus_available_seconds + bonus_held_seconds
    + bonus_spent_seconds + bonus_refunded_seconds + bonus_expired_seconds + bonus_written_off_seconds),
  -- One condition instead of fourteen: Postgres prepares each anew for every change of a card.
  constraint seconds_are_not_negative check (least(refund_owed_seconds, paid_seconds, paid_available_seconds,
    paid_held_seconds, paid_spent_seconds, paid_refunded_seconds, paid_expired_seconds, paid_written_off_seconds,
    bonus_seconds, bonus_available_seconds, bonus_held_seconds, bonus_spent_seconds, bonus_expired_seconds,
    bonus_written_off_seconds) >= 0),
  constraint bonus_is_never_refunded check (bonus_refunded_seconds = 0),
  constraint owned_cards_are_activated check ((user_id is null) = (activated_at is null)),
  constraint activated_cards_expire check ((activated_at is null) = (expires_at is null)),
  constraint active_cards_are_owned check (status <> 'active' or user_id is not null)
);
comment on table public.time_cards is
  'Prepaid time. What was bought is always the sum of available, held, spent, refunded, expired and written off.';
create index time_cards_batch_id_idx on public.time_cards (batch_id) where batch_id is not null;
create index time_cards_tier_id_idx on public.time_cards (tier_id);
create index time_cards_user_id_expires_at_idx on public.time_cards (user_id, expires_at);
create index time_cards_active_expires_at_idx on public.time_cards (expires_at) where status = 'active';

create table public.card_codes (
  card_id uuid primary key references public.time_cards (id),
  lookup text not null unique check (lookup ~ '^[0-9a-f]{16,128}$'),
  nonce text not null,
  key_id text not null,
  -- Set when the wallet was saved to an account: the code opens nothing any more.
  retired_at timestamptz,
  created_at timestamptz not null default now()
);
comment on table public.card_codes is
  'How a card''s code is found (keyed hash) and made again (nonce); the code itself is stored nowhere.';

create table public.ledger_entries (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  card_id uuid not null references public.time_cards (id),
  -- Owner of the card at that moment; none for a card not activated yet.
  user_id uuid references public.users (id),
  -- The table of leases comes later and adds the reference.
  lease_id uuid,
  request_id uuid,
  kind text not null check (kind in
    ('bought', 'held', 'spent', 'released', 'deducted', 'refunded', 'expired', 'written_off')),
  from_bucket text not null check (from_bucket in ('outside', 'available', 'held')),
  to_bucket text not null check (to_bucket in ('available', 'held', 'spent', 'refunded', 'expired', 'written_off')),
  paid_seconds integer not null,
  bonus_seconds integer not null,
  idempotency_key text not null unique check (char_length(idempotency_key) <= 300),
  check (from_bucket <> to_bucket),
  check (least(paid_seconds, bonus_seconds) >= 0 and paid_seconds + bonus_seconds > 0)
);
comment on table public.ledger_entries is
  'Append-only: each row moves seconds of one card from one bucket to another. Balances follow from it.';
create index ledger_entries_card_id_idx on public.ledger_entries (card_id);
create index ledger_entries_user_id_at_idx on public.ledger_entries (user_id, at desc);
create index ledger_entries_lease_id_idx on public.ledger_entries (lease_id) where lease_id is not null;
create index ledger_entries_request_id_idx on public.ledger_entries (request_id) where request_id is not null;

create trigger ledger_entries_are_append_only before update or delete on public.ledger_entries
  for each row execute function app.refuse_change();
create trigger ledger_entries_are_not_truncated before truncate on public.ledger_entries
  for each statement execute function app.refuse_change();

create function app.lock_card(p_card_id uuid) returns public.time_cards
language plpgsql
set search_path = ''
as $$
declare
  v_user_id uuid;
  v_card public.time_cards;
begin
  loop
    select c.user_id into v_user_id from public.time_cards as c where c.id = p_card_id;
    perform app.lock_wallet(v_user_id);
    select c.* into v_card from public.time_cards as c where c.id = p_card_id for update;
    -- Activated by somebody while we waited: begin again with its wallet.
    exit when v_card.user_id is not distinct from v_user_id;
  end loop;
  return v_card;
end
$$;
comment on function app.lock_card(uuid) is 'Locks the card''s wallet, if it has one, then the card.';

-- What a card holds follows the ledger: an entry is written, and this makes the card agree. Nothing else changes it, which
-- the triggers see to; so every change has its entry, and the constraints of time_cards refuse what would not add up.
create function app.apply_entry() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  update public.time_cards as c set
    paid_seconds = c.paid_seconds + case when new.from_bucket = 'outside' then new.paid_seconds else 0 end,
    bonus_seconds = c.bonus_seconds + case when new.from_bucket = 'outside' then new.bonus_seconds else 0 end,
    paid_available_seconds = c.paid_available_seconds + case 'available'
      when new.to_bucket then new.paid_seconds when new.from_bucket then -new.paid_seconds else 0 end,
    bonus_available_seconds = c.bonus_available_seconds + case 'available'
      when new.to_bucket then new.bonus_seconds when new.from_bucket then -new.bonus_seconds else 0 end,
    paid_held_seconds = c.paid_held_seconds + case 'held'
      when new.to_bucket then new.paid_seconds when new.from_bucket then -new.paid_seconds else 0 end,
    bonus_held_seconds = c.bonus_held_seconds + case 'held'
      when new.to_bucket then new.bonus_seconds when new.from_bucket then -new.bonus_seconds else 0 end,
    paid_spent_seconds = c.paid_spent_seconds + case new.to_bucket when 'spent' then new.paid_seconds else 0 end,
    bonus_spent_seconds = c.bonus_spent_seconds + case new.to_bucket when 'spent' then new.bonus_seconds else 0 end,
    paid_refunded_seconds = c.paid_refunded_seconds
      + case new.to_bucket when 'refunded' then new.paid_seconds else 0 end,
    bonus_refunded_seconds = c.bonus_refunded_seconds
      + case new.to_bucket when 'refunded' then new.bonus_seconds else 0 end,
    paid_expired_seconds = c.paid_expired_seconds + case new.to_bucket when 'expired' then new.paid_seconds else 0 end,
    bonus_expired_seconds = c.bonus_expired_seconds
      + case new.to_bucket when 'expired' then new.bonus_seconds else 0 end,
    paid_written_off_seconds = c.paid_written_off_seconds
      + case new.to_bucket when 'written_off' then new.paid_seconds else 0 end,
    bonus_written_off_seconds = c.bonus_written_off_seconds
      + case new.to_bucket when 'written_off' then new.bonus_seconds else 0 end
  where c.id = new.card_id
  returning c.user_id into new.user_id;
  return new;
end
$$;
comment on function app.apply_entry() is 'The only code that changes what a card holds: it applies a new ledger entry, and notes in it whose card that is.';

create trigger cards_follow_the_ledger before insert on public.ledger_entries
  for each row execute function app.apply_entry();

create function app.refuse_change_past_the_ledger() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- Depth 1 is a statement of its own, deeper is one of a trigger. Not asked in the trigger's condition, which Postgres
  -- reads anew for each statement.
  if tg_op = 'INSERT' or pg_catalog.pg_trigger_depth() = 1 then
    raise exception using errcode = 'P0001', message = 'ledger_only',
      detail = 'What a card holds changes by a ledger entry only.', hint = 'Write a ledger entry.';
  end if;
  return null;
end
$$;

-- Asked once a statement: a trigger for each row would lock it.
create trigger cards_change_by_the_ledger_only before update of paid_seconds, bonus_seconds, paid_available_seconds,
  bonus_available_seconds, paid_held_seconds, bonus_held_seconds, paid_spent_seconds, bonus_spent_seconds,
  paid_refunded_seconds, bonus_refunded_seconds, paid_expired_seconds, bonus_expired_seconds,
  paid_written_off_seconds, bonus_written_off_seconds on public.time_cards
  for each statement execute function app.refuse_change_past_the_ledger();
create trigger cards_are_born_empty before insert on public.time_cards
  for each row when (new.paid_seconds + new.bonus_seconds > 0) execute function app.refuse_change_past_the_ledger();

create function app.move_seconds(
  p_card_id uuid, p_kind text, p_from text, p_to text, p_paid integer, p_bonus integer, p_key text,
  p_lease_id uuid default null, p_request_id uuid default null
) returns void
language plpgsql
set search_path = ''
as $$
begin
  if p_paid = 0 and p_bonus = 0 then
    return;
  end if;
  insert into public.ledger_entries
    (card_id, lease_id, request_id, kind, from_bucket, to_bucket, paid_seconds, bonus_seconds, idempotency_key)
  values (p_card_id, p_lease_id, p_request_id, p_kind, p_from, p_to, p_paid, p_bonus, p_key);
end
$$;
comment on function app.move_seconds(uuid, text, text, text, integer, integer, text, uuid, uuid) is
  'Moves seconds of one card between two buckets by a ledger entry. Callers hold the lock of the wallet.';

create function app.new_card(
  p_purchase_id uuid, p_batch_id uuid, p_tier_id text, p_tier_name text, p_price_cents integer, p_currency text,
  p_paid_seconds integer, p_bonus_seconds integer
) returns uuid
language plpgsql
set search_path = ''
as $$
declare
  v_card_id uuid;
begin
  insert into public.time_cards (purchase_id, batch_id, tier_id, tier_name, price_cents, currency)
  values (p_purchase_id, p_batch_id, p_tier_id, p_tier_name, p_price_cents, p_currency)
  returning id into v_card_id;
  perform app.move_seconds(v_card_id, 'bought', 'outside', 'available', p_paid_seconds, p_bonus_seconds,
    'bought:' || v_card_id);
  return v_card_id;
end
$$;
comment on function app.new_card(uuid, uuid, text, text, integer, text, integer, integer) is
  'A card with its seconds, of a purchase or of a batch. Its code is written by the caller.';

create function app.close_refunded_card(p_card_id uuid) returns void
language sql
set search_path = ''
as $$
  -- A card whose paid time was given back and which holds nothing more has ended.
  update public.time_cards as c set status = 'refunded'
  where c.id = p_card_id and c.bonus_void and c.status in ('issued', 'active')
    and c.paid_available_seconds + c.paid_held_seconds + c.bonus_available_seconds + c.bonus_held_seconds = 0
$$;

create function app.expire_card(p_card_id uuid) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_card public.time_cards;
begin
  select c.* into strict v_card from public.time_cards as c where c.id = p_card_id;
  perform app.move_seconds(v_card.id, 'expired', 'available', 'expired', v_card.paid_available_seconds,
    v_card.bonus_available_seconds, 'expired:' || v_card.id);
  update public.time_cards as c set status = 'expired' where c.id = p_card_id;
end
$$;
comment on function app.expire_card(uuid) is
  'Books the end of a card past its date. What a lease still holds of it stays usable to the lease''s end.';

create function app.retire_codes(p_user_id uuid, p_card_ids uuid[]) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  update public.card_codes as k set retired_at = pg_catalog.clock_timestamp()
  where k.card_id = any (p_card_ids) and k.retired_at is null
    and exists (select from public.users as u where u.id = p_user_id and u.auth_user_id is not null);
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function app.retire_codes(uuid, uuid[]) is
  'Ends the codes of cards that were saved to an account; does nothing for a walk-up wallet. Returns how many.';

-- In which order time is used: the card that expires first, and of each card the paid seconds before the bonus.

create type app.card_seconds as (card_id uuid, paid_seconds integer, bonus_seconds integer);

create function app.usable_seconds(p_user_id uuid, out cards app.card_seconds[], out total_seconds integer)
language plpgsql stable
set search_path = ''
as $$
begin
  select coalesce(pg_catalog.array_agg(row(c.id, c.paid_available_seconds, c.bonus_available_seconds)::app.card_seconds
      order by c.expires_at, c.activated_at, c.id), '{}'),
    coalesce(sum(c.paid_available_seconds + c.bonus_available_seconds), 0)
  into cards, total_seconds
  from public.time_cards as c
  where c.user_id = p_user_id and c.status = 'active' and c.expires_at > pg_catalog.clock_timestamp()
    and c.paid_available_seconds + c.bonus_available_seconds > 0;
end
$$;
comment on function app.usable_seconds(uuid) is
  'What may be taken from a wallet now, card by card in the order in which they are used up, and the sum.';

create function app.take_in_order(p_cards app.card_seconds[], p_seconds integer) returns app.card_seconds[]
language plpgsql immutable
set search_path = ''
as $$
declare
  v_left integer := p_seconds;
  v_part app.card_seconds;
  v_taken app.card_seconds[] := array[]::app.card_seconds[];
begin
  foreach v_part in array p_cards loop
    exit when v_left = 0;
    v_part.paid_seconds := least(v_part.paid_seconds, v_left);
    v_part.bonus_seconds := least(v_part.bonus_seconds, v_left - v_part.paid_seconds);
    v_left := v_left - v_part.paid_seconds - v_part.bonus_seconds;
    v_taken := v_taken || v_part;
  end loop;
  return v_taken;
end
$$;
comment on function app.take_in_order(app.card_seconds[], integer) is
  'What so many seconds take of these cards, in the order given, paid before bonus on each; less where there is less.';

-- No policy on codes: nobody but the relay reads them.
alter table public.time_cards enable row level security;
alter table public.card_codes enable row level security;
alter table public.ledger_entries enable row level security;
revoke all on table public.time_cards, public.card_codes, public.ledger_entries from public, anon, authenticated,
  service_role;
grant select on table public.time_cards, public.card_codes, public.ledger_entries to service_role;
grant select on public.time_cards, public.ledger_entries to authenticated;
create policy "Customers see their own cards, staff every one" on public.time_cards
  for select to authenticated
  using (user_id = (select app.caller_user_id()) or (select app.caller_kind()) = 'staff');
create policy "Customers see the ledger of their own cards, staff the whole" on public.ledger_entries
  for select to authenticated
  using (user_id = (select app.caller_user_id()) or (select app.caller_kind()) = 'staff');

revoke all on function app.lock_card, app.apply_entry, app.refuse_change_past_the_ledger, app.move_seconds,
  app.new_card, app.close_refunded_card, app.expire_card, app.retire_codes, app.usable_seconds, app.take_in_order
  from public, anon, authenticated, service_role;
