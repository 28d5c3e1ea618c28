-- Redemption of codes, kiosks, and the inbox of webhooks. Called by the relay only.

create function app.require_kiosk(p_kiosk_id uuid) returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if not exists (select from public.kiosks as k where k.id = p_kiosk_id and k.revoked_at is null) then
    raise exception using errcode = 'P0001', message = 'kiosk_revoked';
  end if;
end
$$;

create function app.grant_visit(p_user_id uuid, p_kiosk_id uuid, p_visit_id uuid) returns void
language sql
set search_path = ''
as $$
  insert into public.visit_grants as g (user_id, kiosk_id, visit_id, expires_at)
  values (p_user_id, p_kiosk_id, p_visit_id, pg_catalog.clock_timestamp() + interval '12 hours')
  on conflict (user_id, kiosk_id, visit_id) do update set expires_at = excluded.expires_at
$$;

create function app.open_card(p_card public.time_cards, p_user_id uuid) returns uuid
language plpgsql
set search_path = ''
as $$
declare
  v_user_id uuid := p_user_id;
begin
  -- Returns the wallet to open, activating a new card in it; null when the code is worth nothing.
  if p_card.status = 'issued' then
    if v_user_id is null then
      insert into public.users default values returning id into v_user_id;
    end if;
    perform app.activate_card(p_card.id, v_user_id);
    return v_user_id;
  elsif p_card.status = 'active' and p_card.expires_at > pg_catalog.clock_timestamp()
    and app.available_seconds(p_card.user_id) + app.held_seconds(p_card.user_id) > 0 then
    return p_card.user_id;
  end if;
  return null;
end
$$;

create function public.redeem_code(p_lookups text[], p_kiosk_id uuid, p_visit_id uuid, p_user_id uuid) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_since timestamptz;
  v_card_id uuid;
  v_card public.time_cards;
  v_user_id uuid;
begin
  perform app.require_service();
  perform app.require_kiosk(p_kiosk_id);
  if p_visit_id is null then
    raise exception using errcode = 'P0001', message = 'invalid_request';
  end if;
  -- One at a time, so that the limits are exact: nobody gets extra tries by asking at once.
  perform pg_catalog.pg_advisory_xact_lock(722100401);
  v_since := pg_catalog.clock_timestamp() - interval '10 minutes';
  if (select count(*) >= 10 from public.redeem_attempts as a
      where not a.accepted and a.at > v_since and a.kiosk_id = p_kiosk_id)
    or (select count(*) >= 100 from public.redeem_attempts as a where not a.accepted and a.at > v_since)
  then
    return '{"ok":false,"error":"too_many_tries"}';
  end if;
  -- A kiosk may add a card only to a wallet that is open at it: else buying one would open anybody's.
  if p_user_id is not null and not app.has_grant(p_user_id, p_kiosk_id) then
    perform app.raise_no_grant();
  end if;
  select k.card_id into v_card_id from public.card_codes as k
  where k.lookup = any (p_lookups) and k.retired_at is null order by k.created_at limit 1;
  if v_card_id is not null then
    v_card := app.lock_card_for(v_card_id, p_user_id);
    v_user_id := app.open_card(v_card, p_user_id);
  end if;
  insert into public.redeem_attempts (kiosk_id, visit_id, accepted) values (p_kiosk_id, p_visit_id, v_user_id is not null);
  if v_user_id is null then
    return '{"ok":false,"error":"code_not_accepted"}';
  end if;
  perform app.grant_visit(v_user_id, p_kiosk_id, p_visit_id);
  return pg_catalog.jsonb_build_object('ok', true, 'userId', v_user_id, 'cardId', v_card.id,
    'outcome', case when v_card.status = 'issued' then 'activated' else 'opened' end);
end
$$;
comment on function public.redeem_code(text[], uuid, uuid, uuid) is
  'Opens the wallet behind a code for one visit, activating a new card. One answer for every code worth nothing.';

create function app.lock_card_for(p_card_id uuid, p_user_id uuid) returns public.time_cards
language plpgsql
set search_path = ''
as $$
begin
  -- Two wallets may be meant, the card's and the visit's: by the order of their ids.
  perform from public.users as u
  where u.id = p_user_id or u.id = (select c.user_id from public.time_cards as c where c.id = p_card_id)
  order by u.id for no key update;
  return app.lock_card(p_card_id);
end
$$;

create function public.enrol_kiosk(p_kiosk_id uuid, p_auth_user_id uuid, p_name text) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_kiosk public.kiosks;
begin
  perform app.require_service();
  insert into public.kiosks as k (id, auth_user_id, name) values (p_kiosk_id, p_auth_user_id, p_name)
  on conflict (id) do update
    set auth_user_id = excluded.auth_user_id, name = excluded.name, updated_at = pg_catalog.now()
    where k.revoked_at is null
  returning k.* into v_kiosk;
  if v_kiosk.id is null then
    raise exception using errcode = 'P0001', message = 'kiosk_revoked', hint = 'Enrol it under a new id.';
  end if;
  if v_kiosk.created_at = pg_catalog.now() then
    perform app.audit('kiosk_enrolled', p_kiosk_id::text, pg_catalog.jsonb_build_object('name', p_name));
  end if;
  return pg_catalog.jsonb_build_object('kioskId', v_kiosk.id, 'name', v_kiosk.name, 'authUserId', v_kiosk.auth_user_id);
end
$$;
comment on function public.enrol_kiosk(uuid, uuid, text) is
  'Makes or renames a kiosk and gives it its device account.';

create function public.revoke_kiosk(p_kiosk_id uuid, p_reason text) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
begin
  perform app.require_staff();
  update public.kiosks as k set revoked_at = pg_catalog.now(), updated_at = pg_catalog.now()
  where k.id = p_kiosk_id and k.revoked_at is null;
  if found then
    perform app.audit('kiosk_revoked', p_kiosk_id::text, pg_catalog.jsonb_build_object('reason', p_reason));
  end if;
  return pg_catalog.jsonb_build_object('kioskId', p_kiosk_id,
    'revoked', exists (select from public.kiosks as k where k.id = p_kiosk_id and k.revoked_at is not null));
end
$$;
comment on function public.revoke_kiosk(uuid, text) is
  'Ends what a kiosk may do, at once. Its leases stay held until voided or settled.';

create function public.store_webhook_event(
  p_event_id text, p_type text, p_created timestamptz, p_livemode boolean, p_payload jsonb
) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_stored boolean;
begin
  perform app.require_service();
  insert into public.webhook_inbox (event_id, type, created, livemode, payload)
  values (p_event_id, p_type, p_created, p_livemode, p_payload) on conflict (event_id) do nothing;
  v_stored := found;
  return pg_catalog.jsonb_build_object('stored', v_stored, 'processed',
    (select w.processed_at is not null from public.webhook_inbox as w where w.event_id = p_event_id));
end
$$;
comment on function public.store_webhook_event(text, text, timestamptz, boolean, jsonb) is
  'Stores an event before it is answered; stored is false when it was known.';

create function public.finish_webhook_event(p_event_id text, p_error text) returns void
language plpgsql security definer
set search_path = ''
as $$
begin
  perform app.require_service();
  update public.webhook_inbox as w set
    processed_at = case when p_error is null then pg_catalog.clock_timestamp() end,
    attempts = w.attempts + 1,
    last_error = left(p_error, 1000),
    -- 2, 4, 8 … seconds, at most 5 minutes.
    next_attempt_at = pg_catalog.clock_timestamp() + least(300, power(2, least(w.attempts + 1, 9))) * interval '1 second'
  where w.event_id = p_event_id and w.processed_at is null;
end
$$;
comment on function public.finish_webhook_event(text, text) is
  'Marks an event as worked off (no error), or to be tried again later (error).';

create function public.pending_webhook_events(p_limit integer) returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform app.require_service();
  return coalesce((
    select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'eventId', w.event_id, 'type', w.type, 'created', app.iso(w.created), 'livemode', w.livemode,
      'payload', w.payload, 'attempts', w.attempts, 'lastError', w.last_error) order by w.created, w.event_id)
    from (
      select i.* from public.webhook_inbox as i
      where i.processed_at is null and i.next_attempt_at <= pg_catalog.clock_timestamp()
      order by i.created, i.event_id limit least(greatest(p_limit, 0), 1000)
    ) as w), '[]');
end
$$;
comment on function public.pending_webhook_events(integer) is
  'Events still to be worked off and due now, oldest first.';
