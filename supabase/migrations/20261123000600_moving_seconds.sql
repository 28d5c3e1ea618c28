-- The only code that changes what a card holds. Promise: every change is one ledger entry with its own key, and the
-- constraints of time_cards refuse what would not add up. Callers hold the lock of the wallet (app.lock_wallet).

create function app.lock_wallet(p_user_id uuid) returns boolean
language plpgsql
set search_path = ''
as $$
begin
  -- A statement of its own: what is read afterwards is read after the wait. "No key" lets rows that only
  -- reference the wallet be written meanwhile.
  perform from public.users as u where u.id = p_user_id for no key update;
  return found;
end
$$;
comment on function app.lock_wallet(uuid) is
  'Locks one wallet to the end of the transaction; false when there is none.';

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

create function app.move_seconds(
  p_card_id uuid, p_kind text, p_from text, p_to text, p_paid integer, p_bonus integer, p_key text,
  p_lease_id uuid default null, p_request_id uuid default null
) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_user_id uuid;
begin
  if p_paid = 0 and p_bonus = 0 then
    return;
  end if;
  update public.time_cards as c set
    paid_available_seconds = c.paid_available_seconds
      + case when p_to = 'available' then p_paid when p_from = 'available' then -p_paid else 0 end,
    bonus_available_seconds = c.bonus_available_seconds
      + case when p_to = 'available' then p_bonus when p_from = 'available' then -p_bonus else 0 end,
    paid_held_seconds = c.paid_held_seconds
      + case when p_to = 'held' then p_paid when p_from = 'held' then -p_paid else 0 end,
    bonus_held_seconds = c.bonus_held_seconds
      + case when p_to = 'held' then p_bonus when p_from = 'held' then -p_bonus else 0 end,
    paid_spent_seconds = c.paid_spent_seconds + case when p_to = 'spent' then p_paid else 0 end,
    bonus_spent_seconds = c.bonus_spent_seconds + case when p_to = 'spent' then p_bonus else 0 end,
    paid_refunded_seconds = c.paid_refunded_seconds + case when p_to = 'refunded' then p_paid else 0 end,
    bonus_refunded_seconds = c.bonus_refunded_seconds + case when p_to = 'refunded' then p_bonus else 0 end,
    paid_expired_seconds = c.paid_expired_seconds + case when p_to = 'expired' then p_paid else 0 end,
    bonus_expired_seconds = c.bonus_expired_seconds + case when p_to = 'expired' then p_bonus else 0 end,
    paid_written_off_seconds = c.paid_written_off_seconds + case when p_to = 'written_off' then p_paid else 0 end,
    bonus_written_off_seconds = c.bonus_written_off_seconds + case when p_to = 'written_off' then p_bonus else 0 end
  where c.id = p_card_id
  returning c.user_id into strict v_user_id;
  insert into public.ledger_entries
    (card_id, user_id, lease_id, request_id, kind, from_bucket, to_bucket, paid_seconds, bonus_seconds, idempotency_key)
  values (p_card_id, v_user_id, p_lease_id, p_request_id, p_kind, p_from, p_to, p_paid, p_bonus, p_key);
end
$$;
comment on function app.move_seconds(uuid, text, text, text, integer, integer, text, uuid, uuid) is
  'Moves seconds of one card between two buckets and writes the ledger entry.';

create function app.new_card(p_tier_name text, p_purchase public.purchases) returns public.time_cards
language plpgsql
set search_path = ''
as $$
declare
  v_card public.time_cards;
begin
  insert into public.time_cards
    (purchase_id, tier_id, tier_name, price_cents, currency, paid_seconds, bonus_seconds,
     paid_available_seconds, bonus_available_seconds)
  values (p_purchase.id, p_purchase.tier_id, p_tier_name, p_purchase.price_cents, p_purchase.currency,
     p_purchase.paid_seconds, p_purchase.bonus_seconds, p_purchase.paid_seconds, p_purchase.bonus_seconds)
  returning * into v_card;
  -- The one entry that comes from outside: the card is born with its seconds, as the constraint on the sum demands.
  insert into public.ledger_entries
    (card_id, kind, from_bucket, to_bucket, paid_seconds, bonus_seconds, idempotency_key)
  values (v_card.id, 'bought', 'outside', 'available', v_card.paid_seconds, v_card.bonus_seconds, 'bought:' || v_card.id);
  return v_card;
end
$$;

create function app.activate_card(p_card_id uuid, p_user_id uuid) returns void
language sql
set search_path = ''
as $$
  -- One year of validity from activation: one look at the clock, two would be some microseconds more than a year.
  update public.time_cards as c
  set user_id = p_user_id, status = 'active', activated_at = n.at, expires_at = n.at + interval '1 year'
  from (select pg_catalog.clock_timestamp() as at offset 0) as n
  where c.id = p_card_id and c.status = 'issued'
$$;
