-- Leases: seconds reserved for a kiosk before they are used (the reservation of credit control, RFC 8506).

create function app.check_lease_seconds(p_seconds integer) returns void
language plpgsql immutable
set search_path = ''
as $$
begin
  if p_seconds is null or p_seconds < 1 or p_seconds > 900 then
    raise exception using errcode = 'P0001', message = 'invalid_amount', hint = 'Ask for 1 to 900 seconds.';
  end if;
end
$$;

create function app.lease_json(p_lease_id uuid, p_n integer) returns jsonb
language sql volatile
set search_path = ''
as $$
  -- Of a repeated question only the grant is the old answer: what is left of validity and wallet is as of now.
  select pg_catalog.jsonb_build_object(
    'leaseId', l.id, 'n', s.n, 'grantedSeconds', s.granted_seconds, 'totalSeconds', s.total_seconds,
    'availableSeconds', app.available_seconds(l.user_id),
    'validitySeconds', greatest(0, floor(extract(epoch from l.valid_until - pg_catalog.clock_timestamp())))::integer)
  from public.leases as l join public.lease_steps as s on s.lease_id = l.id and s.n = p_n
  where l.id = p_lease_id
$$;

create function app.add_lease_step(p_lease public.leases, p_n integer, p_seconds integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_granted integer := app.hold_seconds(p_lease.user_id, p_lease.id, p_n, p_seconds);
begin
  update public.leases as l
  set granted_seconds = l.granted_seconds + v_granted,
    valid_until = pg_catalog.clock_timestamp() + interval '30 minutes'
  where l.id = p_lease.id;
  insert into public.lease_steps (lease_id, n, asked_seconds, granted_seconds, total_seconds)
  values (p_lease.id, p_n, p_seconds, v_granted, p_lease.granted_seconds + v_granted);
  return v_granted;
end
$$;

create function public.open_lease(p_lease_id uuid, p_user_id uuid, p_visit_id uuid, p_seconds integer) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_kiosk_id uuid := app.caller_kiosk_id();
  v_lease public.leases;
  v_other public.leases;
begin
  perform app.check_lease_seconds(p_seconds);
  -- In one expression both would see the database as it was before the wait for the lock.
  perform app.lock_wallet(p_user_id);
  if not app.has_grant(p_user_id, v_kiosk_id, p_visit_id) then
    perform app.raise_no_grant();
  end if;
  select l.* into v_lease from public.leases as l where l.id = p_lease_id;
  if v_lease.id is not null then
    if v_lease.user_id <> p_user_id or v_lease.kiosk_id <> v_kiosk_id then
      raise exception using errcode = 'P0001', message = 'lease_unknown', hint = 'Make a new lease id.';
    elsif v_lease.status <> 'open' then
      raise exception using errcode = 'P0001', message = 'lease_closed', hint = 'Make a new lease id.';
    end if;
    return app.lease_json(p_lease_id, 0);
  end if;
  select l.* into v_other from public.leases as l
  where l.user_id = p_user_id and l.kiosk_id = v_kiosk_id and l.status = 'open';
  if v_other.id is not null then
    if v_other.valid_until > pg_catalog.clock_timestamp() then
      raise exception using errcode = 'P0001', message = 'time_in_use_elsewhere',
        detail = format('Lease %s of this kiosk is still open.', v_other.id), hint = 'Report its end first.';
    end if;
    -- Nobody may use it any more; its seconds stay held until they are reported or given back.
    update public.leases as l set status = 'lapsed' where l.id = v_other.id;
  end if;
  if app.available_seconds(p_user_id) = 0 then
    raise exception using errcode = 'P0001',
      message = case when app.held_seconds(p_user_id) > 0 then 'time_in_use_elsewhere' else 'no_time_left' end;
  end if;
  insert into public.leases (id, user_id, kiosk_id, visit_id, valid_until)
  values (p_lease_id, p_user_id, v_kiosk_id, p_visit_id, pg_catalog.clock_timestamp())
  returning * into v_lease;
  if app.add_lease_step(v_lease, 0, p_seconds) = 0 then
    raise exception using errcode = 'P0001', message = 'no_time_left';
  end if;
  return app.lease_json(p_lease_id, 0);
end
$$;
comment on function public.open_lease(uuid, uuid, uuid, integer) is
  'Reserves seconds of a wallet for the calling kiosk; once per lease id (leaseAnswerSchema).';

create function public.extend_lease(p_lease_id uuid, p_n integer, p_seconds integer) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_kiosk_id uuid := app.caller_kiosk_id();
  v_user_id uuid;
  v_lease public.leases;
  v_next integer;
begin
  perform app.check_lease_seconds(p_seconds);
  select l.user_id into v_user_id from public.leases as l where l.id = p_lease_id and l.kiosk_id = v_kiosk_id;
  if v_user_id is null or not app.lock_wallet(v_user_id) then
    raise exception using errcode = 'P0001', message = 'lease_unknown';
  end if;
  select l.* into v_lease from public.leases as l where l.id = p_lease_id;
  if v_lease.status <> 'open' then
    raise exception using errcode = 'P0001', message = 'lease_closed';
  end if;
  if not app.has_grant(v_user_id, v_kiosk_id, v_lease.visit_id) then
    perform app.raise_no_grant();
  end if;
  select max(s.n) + 1 into v_next from public.lease_steps as s where s.lease_id = p_lease_id;
  if p_n is null or p_n < 1 or p_n > v_next then
    raise exception using errcode = 'P0001', message = 'invalid_amount',
      detail = format('The next step of this lease is %s.', v_next);
  end if;
  if p_n = v_next then
    perform app.add_lease_step(v_lease, p_n, p_seconds);
  end if;
  return app.lease_json(p_lease_id, p_n);
end
$$;
comment on function public.extend_lease(uuid, integer, integer) is
  'Adds seconds to a lease and renews its validity; once per (lease, n) (leaseAnswerSchema).';

create function public.void_lease(p_lease_id uuid, p_reason text) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_user_id uuid;
  v_lease public.leases;
  v_released integer;
begin
  perform app.require_staff();
  select l.user_id into v_user_id from public.leases as l where l.id = p_lease_id;
  if v_user_id is null or not app.lock_wallet(v_user_id) then
    raise exception using errcode = 'P0001', message = 'lease_unknown';
  end if;
  select l.* into v_lease from public.leases as l where l.id = p_lease_id;
  if v_lease.status not in ('open', 'lapsed') then
    raise exception using errcode = 'P0001', message = 'lease_closed';
  end if;
  v_released := app.release_held(p_lease_id, 'void:' || p_lease_id, 'voided');
  perform app.audit('lease_voided', p_lease_id::text,
    pg_catalog.jsonb_build_object('reason', p_reason, 'releasedSeconds', v_released));
  return pg_catalog.jsonb_build_object('leaseId', p_lease_id, 'releasedSeconds', v_released);
end
$$;
comment on function public.void_lease(uuid, text) is
  'An operator gives back what a lost kiosk holds. What that kiosk reports later is the operator''s write-off.';

create function public.settle_silent_leases() returns integer
language plpgsql security definer
set search_path = ''
as $$
declare
  v_lease record;
  v_count integer := 0;
begin
  perform app.require_service();
  for v_lease in
    select l.id, l.user_id from public.leases as l
    where l.status in ('open', 'lapsed') and l.valid_until < pg_catalog.clock_timestamp() - interval '7 days'
    order by l.user_id, l.id
  loop
    perform from public.users as u where u.id = v_lease.user_id for no key update skip locked;
    continue when not found;
    perform from public.leases as l where l.id = v_lease.id and l.status in ('open', 'lapsed')
      and l.valid_until < pg_catalog.clock_timestamp() - interval '7 days';
    continue when not found;
    perform app.release_held(v_lease.id, 'settle:' || v_lease.id, 'settled');
    perform app.audit('lease_settled', v_lease.id::text);
    v_count := v_count + 1;
  end loop;
  delete from public.usage_batches as b where b.received_at < pg_catalog.now() - interval '30 days';
  delete from public.redeem_attempts as a where a.at < pg_catalog.now() - interval '30 days';
  return v_count;
end
$$;
comment on function public.settle_silent_leases() is
  'Gives back what leases hold that were silent for 7 days; drops row hashes and redemption tries older than 30 days.';
