-- Holding, spending and giving back seconds, always in the same order: first-expiring card first, paid before bonus.
-- Callers hold the lock of the wallet.

create function app.hold_seconds(p_user_id uuid, p_lease_id uuid, p_n integer, p_seconds integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_left integer := p_seconds;
  v_paid integer;
  v_bonus integer;
  v_card record;
begin
  for v_card in
    select c.id, c.paid_available_seconds as paid, c.bonus_available_seconds as bonus
    from public.time_cards as c
    where c.user_id = p_user_id and c.status = 'active' and c.expires_at > pg_catalog.clock_timestamp()
      and c.paid_available_seconds + c.bonus_available_seconds > 0
    order by c.expires_at, c.activated_at, c.id
  loop
    v_paid := least(v_card.paid, v_left);
    v_bonus := least(v_card.bonus, v_left - v_paid);
    perform app.move_seconds(v_card.id, 'held', 'available', 'held', v_paid, v_bonus,
      pg_catalog.concat('lease:', p_lease_id, ':', p_n, ':', v_card.id), p_lease_id);
    insert into public.lease_allocations as a (lease_id, card_id, position, paid_held_seconds, bonus_held_seconds)
    select p_lease_id, v_card.id, 1 + coalesce(max(b.position), 0), v_paid, v_bonus
    from public.lease_allocations as b where b.lease_id = p_lease_id
    on conflict (lease_id, card_id) do update set
      paid_held_seconds = a.paid_held_seconds + excluded.paid_held_seconds,
      bonus_held_seconds = a.bonus_held_seconds + excluded.bonus_held_seconds;
    v_left := v_left - v_paid - v_bonus;
    exit when v_left = 0;
  end loop;
  return p_seconds - v_left;
end
$$;
comment on function app.hold_seconds(uuid, uuid, integer, integer) is
  'Reserves up to so many seconds, first-expiring card first, paid before bonus on each; returns how many.';

create function app.spend_held(p_lease_id uuid, p_seconds integer, p_key text) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_left integer := p_seconds;
  v_paid integer;
  v_bonus integer;
  v_part record;
begin
  for v_part in
    select a.card_id, a.paid_held_seconds as paid, a.bonus_held_seconds as bonus
    from public.lease_allocations as a
    where a.lease_id = p_lease_id and a.paid_held_seconds + a.bonus_held_seconds > 0
    order by a.position
  loop
    exit when v_left = 0;
    v_paid := least(v_part.paid, v_left);
    v_bonus := least(v_part.bonus, v_left - v_paid);
    perform app.move_seconds(v_part.card_id, 'spent', 'held', 'spent', v_paid, v_bonus,
      pg_catalog.concat(p_key, ':', v_part.card_id), p_lease_id);
    update public.lease_allocations as a set
      paid_held_seconds = a.paid_held_seconds - v_paid, bonus_held_seconds = a.bonus_held_seconds - v_bonus,
      paid_spent_seconds = a.paid_spent_seconds + v_paid, bonus_spent_seconds = a.bonus_spent_seconds + v_bonus
    where a.lease_id = p_lease_id and a.card_id = v_part.card_id;
    v_left := v_left - v_paid - v_bonus;
  end loop;
  if v_left > 0 then
    raise exception using errcode = 'P0001', message = 'invalid_amount',
      detail = format('Lease %s holds %s seconds less than were to be spent.', p_lease_id, v_left);
  end if;
  update public.leases as l set spent_seconds = l.spent_seconds + p_seconds where l.id = p_lease_id;
end
$$;
comment on function app.spend_held(uuid, integer, text) is
  'Spends seconds that a lease holds, in the order of reservation.';

create function app.release_held(p_lease_id uuid, p_key text, p_status text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_released integer := 0;
  v_owed integer;
  v_paid integer;
  v_bonus integer;
  v_to text;
  v_part record;
begin
  for v_part in
    select a.card_id, a.paid_held_seconds as paid, a.bonus_held_seconds as bonus,
      c.status, c.expires_at, c.refund_owed_seconds, c.bonus_void
    from public.lease_allocations as a join public.time_cards as c on c.id = a.card_id
    -- Also those used up to the last second: a refunded card may end with them.
    where a.lease_id = p_lease_id
    order by a.position
  loop
    -- First what money was already given back for, and bonus that a refund made void; the rest is usable again,
    -- unless its card ended meanwhile.
    v_owed := least(v_part.paid, v_part.refund_owed_seconds);
    v_paid := v_part.paid - v_owed;
    v_bonus := v_part.bonus;
    perform app.move_seconds(v_part.card_id, 'refunded', 'held', 'refunded', v_owed, 0,
      pg_catalog.concat(p_key, ':', v_part.card_id, ':owed'), p_lease_id);
    if v_owed > 0 then
      update public.time_cards as c set refund_owed_seconds = c.refund_owed_seconds - v_owed where c.id = v_part.card_id;
    end if;
    if v_part.bonus_void then
      perform app.move_seconds(v_part.card_id, 'written_off', 'held', 'written_off', 0, v_bonus,
        pg_catalog.concat(p_key, ':', v_part.card_id, ':void'), p_lease_id);
      v_bonus := 0;
    end if;
    v_to := case
      when v_part.status = 'revoked' then 'written_off'
      when v_part.expires_at <= pg_catalog.clock_timestamp() then 'expired'
      else 'available'
    end;
    perform app.move_seconds(v_part.card_id, case v_to when 'available' then 'released' else v_to end, 'held', v_to,
      v_paid, v_bonus, pg_catalog.concat(p_key, ':', v_part.card_id), p_lease_id);
    update public.lease_allocations as a set
      paid_held_seconds = 0, bonus_held_seconds = 0,
      paid_released_seconds = a.paid_released_seconds + v_part.paid,
      bonus_released_seconds = a.bonus_released_seconds + v_part.bonus
    where a.lease_id = p_lease_id and a.card_id = v_part.card_id;
    perform app.close_refunded_card(v_part.card_id);
    v_released := v_released + v_part.paid + v_part.bonus;
  end loop;
  update public.leases as l set status = p_status, closed_at = pg_catalog.clock_timestamp() where l.id = p_lease_id;
  return v_released;
end
$$;
comment on function app.release_held(uuid, text, text) is
  'Ends a lease: what it still holds goes back. Returns the seconds.';

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

create function app.available_seconds(p_user_id uuid) returns integer
language plpgsql stable
set search_path = ''
as $$
begin
  return (
    select coalesce(sum(c.paid_available_seconds + c.bonus_available_seconds), 0)
    from public.time_cards as c
    where c.user_id = p_user_id and c.status = 'active' and c.expires_at > pg_catalog.clock_timestamp());
end
$$;

create function app.held_seconds(p_user_id uuid) returns integer
language plpgsql stable
set search_path = ''
as $$
begin
  return (
    select coalesce(sum(c.paid_held_seconds + c.bonus_held_seconds), 0)
    from public.time_cards as c where c.user_id = p_user_id);
end
$$;

create function app.refundable_cents(p_price_cents integer, p_unused_seconds integer, p_paid_seconds integer)
returns integer
language sql immutable strict
set search_path = ''
as $$
  select (p_price_cents::bigint * p_unused_seconds / p_paid_seconds)::integer
$$;
comment on function app.refundable_cents(integer, integer, integer) is
  'What a refund by the rule gives: floor(price × unused paid seconds / paid seconds).';
