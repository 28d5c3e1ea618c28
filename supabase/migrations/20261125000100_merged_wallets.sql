-- Wallets that become one: "save to my account", or two walk-up wallets of one person. Promise: afterwards the old
-- wallet holds nothing and opens nothing, and whoever still holds its id is led to the new one.

create function app.current_wallet(p_user_id uuid) returns uuid
language plpgsql stable
set search_path = ''
as $$
begin
  -- One step is enough: a merge also turns the wallets that were merged before.
  return (select coalesce(u.merged_into, u.id) from public.users as u where u.id = p_user_id);
end
$$;
comment on function app.current_wallet(uuid) is
  'The wallet itself, or the one it was merged into; null when there is none.';

-- A payment may come after its wallet was merged: the card goes where the wallet went. In an account it has no code
-- that opens it, like the cards that were merged.
create or replace function app.activate_card(p_card_id uuid, p_user_id uuid) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_user_id uuid := app.current_wallet(p_user_id);
begin
  -- One year of validity from activation: one look at the clock, two would be some microseconds more than a year.
  update public.time_cards as c
  set user_id = v_user_id, status = 'active', activated_at = n.at, expires_at = n.at + interval '1 year'
  from (select pg_catalog.clock_timestamp() as at offset 0) as n
  where c.id = p_card_id and c.status = 'issued';
  if not found then
    return;
  end if;
  -- A payment is seen by whom its card serves.
  update public.payment_history as h set user_id = v_user_id where h.card_id = p_card_id;
  if v_user_id <> p_user_id then
    perform app.retire_codes(v_user_id, array[p_card_id]);
  end if;
end
$$;

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

create function public.merge_wallet(p_from_user_id uuid, p_into_user_id uuid) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_from public.users;
  v_into public.users;
  v_card_ids uuid[];
  v_retired integer;
  v_facts jsonb;
begin
  perform app.require_service();
  if p_from_user_id is null or p_into_user_id is null or p_from_user_id = p_into_user_id then
    raise exception using errcode = 'P0001', message = 'invalid_request', hint = 'Name two different wallets.';
  end if;
  -- The lock of redeem_code: a code is redeemed either before the merge or after it.
  perform pg_catalog.pg_advisory_xact_lock(722100401);
  perform from public.users as u where u.id in (p_from_user_id, p_into_user_id) order by u.id for no key update;
  select u.* into v_from from public.users as u where u.id = p_from_user_id;
  select u.* into v_into from public.users as u where u.id = p_into_user_id;
  if v_from.id is null or v_into.id is null then
    raise exception using errcode = 'P0001', message = 'user_unknown';
  end if;
  if v_from.merged_into = v_into.id then
    return pg_catalog.jsonb_build_object('fromUserId', v_from.id, 'intoUserId', v_into.id, 'movedCards', 0,
      'retiredCodes', 0, 'availableSeconds', app.available_seconds(v_into.id), 'repeated', true);
  end if;
  if v_from.merged_into is not null or v_into.merged_into is not null then
    raise exception using errcode = 'P0001', message = 'wallet_merged', hint = 'This wallet was merged before.';
  end if;
  if v_from.auth_user_id is not null then
    raise exception using errcode = 'P0001', message = 'wallet_of_account', hint = 'Only a walk-up wallet is merged away.';
  end if;
  if app.held_seconds(v_from.id) + app.held_seconds(v_into.id) > 0 then
    raise exception using errcode = 'P0001', message = 'time_is_leased',
      hint = 'End the talk, or wait until its kiosk has reported.';
  end if;
  with moved as (
    update public.time_cards as c set user_id = v_into.id where c.user_id = v_from.id returning c.id
  )
  select coalesce(pg_catalog.array_agg(m.id), '{}') into v_card_ids from moved as m;
  v_retired := app.retire_codes(v_into.id, v_card_ids);
  -- What a customer sees of the own past goes along. Ledger and leases stay as they were written.
  update public.payment_history as h set user_id = v_into.id where h.user_id = v_from.id;
  update public.voice_sessions as v set user_id = v_into.id where v.user_id = v_from.id;
  update public.memories as m set user_id = v_into.id where m.user_id = v_from.id;
  update public.support_tickets as t set user_id = v_into.id where t.user_id = v_from.id;
  -- A kiosk that once had the old wallet open must not reach the new one by it.
  delete from public.visit_grants as g where g.user_id = v_from.id;
  update public.users as u set merged_into = v_into.id where u.id = v_from.id or u.merged_into = v_from.id;
  v_facts := pg_catalog.jsonb_build_object('fromUserId', v_from.id, 'intoUserId', v_into.id,
    'movedCards', pg_catalog.cardinality(v_card_ids), 'retiredCodes', v_retired,
    'availableSeconds', app.available_seconds(v_into.id));
  perform app.audit('wallet_merged', v_from.id::text, v_facts);
  return v_facts || '{"repeated":false}';
end
$$;
comment on function public.merge_wallet(uuid, uuid) is
  'Moves all that a walk-up wallet holds into another wallet, once. Into an account, its codes are retired. The relay calls it for who proved both: the code of the one, the account of the other.';

create function public.open_own_wallet(p_kiosk_id uuid, p_visit_id uuid) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_user_id uuid := app.caller_user_id();
begin
  if v_user_id is null then
    raise exception using errcode = '42501', message = 'forbidden';
  end if;
  perform app.require_kiosk(p_kiosk_id);
  if p_visit_id is null then
    raise exception using errcode = 'P0001', message = 'invalid_request';
  end if;
  perform app.grant_visit(v_user_id, p_kiosk_id, p_visit_id);
  return pg_catalog.jsonb_build_object('userId', v_user_id);
end
$$;
comment on function public.open_own_wallet(uuid, uuid) is
  'A signed-in customer opens the own wallet at a kiosk for one visit.';

revoke all on function app.current_wallet(uuid), app.retire_codes(uuid, uuid[]), app.activate_card(uuid, uuid),
  public.merge_wallet(uuid, uuid), public.open_own_wallet(uuid, uuid)
  from public, anon, authenticated, service_role;
grant execute on function public.merge_wallet(uuid, uuid) to service_role;
grant execute on function public.open_own_wallet(uuid, uuid) to authenticated;
