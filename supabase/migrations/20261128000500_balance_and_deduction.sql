-- What a wallet holds, taking from it, and the end of cards past their date.

create function app.available_seconds(p_user_id uuid) returns integer
language plpgsql stable
set search_path = ''
as $$
begin
  return (app.usable_seconds(p_user_id)).total_seconds;
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

create function app.balance_json(p_user_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select pg_catalog.jsonb_build_object(
    'userId', p_user_id,
    'availableSeconds', app.available_seconds(p_user_id),
    'heldSeconds', app.held_seconds(p_user_id),
    'cards', coalesce((
      select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
        'cardId', c.id, 'packageId', c.tier_id, 'name', c.tier_name,
        'remainingSeconds', u.paid_seconds + u.bonus_seconds, 'expiresAt', app.iso(c.expires_at)) order by u.ordinality)
      from pg_catalog.unnest((app.usable_seconds(p_user_id)).cards) with ordinality as u
      join public.time_cards as c on c.id = u.card_id
    ), '[]'),
    'asOf', app.iso(pg_catalog.clock_timestamp()))
$$;

create function public.get_user_time_balance(user_id uuid) returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
begin
  case app.caller_kind()
    when 'service', 'staff' then null;
    when 'customer' then
      if get_user_time_balance.user_id is distinct from app.caller_user_id() then
        raise exception using errcode = '42501', message = 'forbidden';
      end if;
    when 'kiosk' then
      if not app.has_grant(get_user_time_balance.user_id, app.caller_kiosk_id()) then
        perform app.raise_no_grant();
      end if;
    else
      raise exception using errcode = '42501', message = 'forbidden';
  end case;
  return app.balance_json(coalesce(app.current_wallet(get_user_time_balance.user_id), get_user_time_balance.user_id));
end
$$;
comment on function public.get_user_time_balance(uuid) is
  'What a wallet holds, for itself, a kiosk with a grant, staff and the relay (balanceSchema).';

create function public.deduct_user_time(user_id uuid, minutes integer, request_id uuid default null) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_request uuid := coalesce(deduct_user_time.request_id, gen_random_uuid());
  v_wanted integer;
  v_done record;
  v_usable record;
  v_part app.card_seconds;
begin
  perform app.require_service();
  if deduct_user_time.minutes is null or deduct_user_time.minutes <= 0 or deduct_user_time.minutes > 100000 then
    raise exception using errcode = 'P0001', message = 'invalid_amount', hint = 'Give 1 to 100000 whole minutes.';
  end if;
  v_wanted := deduct_user_time.minutes * 60;
  deduct_user_time.user_id := app.lock_current_wallet(deduct_user_time.user_id);
  if deduct_user_time.user_id is null then
    raise exception using errcode = 'P0001', message = 'user_unknown';
  end if;
  select sum(e.paid_seconds + e.bonus_seconds) as seconds, min(e.user_id::text)::uuid as owner into v_done
  from public.ledger_entries as e where e.request_id = v_request;
  if v_done.seconds is not null then
    if v_done.seconds <> v_wanted or app.current_wallet(v_done.owner) <> deduct_user_time.user_id then
      raise exception using errcode = 'P0001', message = 'request_differs',
        hint = 'This request id was used for another deduction.';
    end if;
    return pg_catalog.jsonb_build_object('deductedSeconds', v_wanted, 'repeated', true,
      'availableSeconds', app.available_seconds(deduct_user_time.user_id));
  end if;
  v_usable := app.usable_seconds(deduct_user_time.user_id);
  if v_usable.total_seconds < v_wanted then
    raise exception using errcode = 'P0001', message = 'no_time_left', hint = 'Nothing was deducted.';
  end if;
  foreach v_part in array app.take_in_order(v_usable.cards, v_wanted) loop
    perform app.move_seconds(v_part.card_id, 'deducted', 'available', 'spent', v_part.paid_seconds,
      v_part.bonus_seconds, pg_catalog.concat('deduct:', v_request, ':', v_part.card_id), null, v_request);
  end loop;
  return pg_catalog.jsonb_build_object('deductedSeconds', v_wanted, 'repeated', false,
    'availableSeconds', v_usable.total_seconds - v_wanted);
end
$$;
comment on function public.deduct_user_time(uuid, integer, uuid) is
  'Takes whole minutes from a wallet, all or nothing, first-expiring first; once per request id.';

create function public.cleanup_expired_time_cards() returns integer
language plpgsql security definer
set search_path = ''
as $$
declare
  v_user record;
  v_card record;
  v_count integer := 0;
begin
  perform app.require_service();
  for v_user in
    select distinct c.user_id as id from public.time_cards as c
    where c.status = 'active' and c.expires_at <= pg_catalog.clock_timestamp() order by 1
  loop
    -- A wallet in use is left for the next run: its expired time is neither shown nor leased meanwhile.
    perform from public.users as u where u.id = v_user.id for no key update skip locked;
    continue when not found;
    for v_card in
      select c.id from public.time_cards as c
      where c.user_id = v_user.id and c.status = 'active' and c.expires_at <= pg_catalog.clock_timestamp()
      order by c.id
    loop
      perform app.expire_card(v_card.id);
      v_count := v_count + 1;
    end loop;
  end loop;
  return v_count;
end
$$;
comment on function public.cleanup_expired_time_cards() is
  'Marks expired cards and books what was left on them; returns how many.';

revoke all on function app.available_seconds, app.held_seconds, app.balance_json, public.get_user_time_balance,
  public.deduct_user_time, public.cleanup_expired_time_cards from public, anon, authenticated, service_role;
grant execute on function public.get_user_time_balance to authenticated, service_role;
grant execute on function public.deduct_user_time, public.cleanup_expired_time_cards to service_role;
