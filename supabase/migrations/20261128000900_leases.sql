-- Leases: seconds reserved for a kiosk before they are used (the reservation of credit control, RFC 8506). Holding,
-- spending and giving back follow one order. Callers hold the lock of the wallet.

create table public.leases (
  id uuid primary key,
  user_id uuid not null references public.users (id),
  kiosk_id uuid not null references public.kiosks (id),
  visit_id uuid not null,
  -- open: in use. lapsed: past its validity and replaced by another of the same kiosk, still unreported.
  -- closed: reported to the end. voided: by an operator. settled: silent for 7 days, given back.
  status text not null default 'open' check (status in ('open', 'lapsed', 'closed', 'voided', 'settled')),
  granted_seconds integer not null default 0 check (granted_seconds >= 0),
  spent_seconds integer not null default 0 check (spent_seconds >= 0),
  valid_until timestamptz not null,
  closed_at timestamptz,
  created_at timestamptz not null default now(),
  check (spent_seconds <= granted_seconds),
  check ((status in ('open', 'lapsed')) = (closed_at is null))
);
comment on table public.leases is
  'Seconds reserved for one kiosk before they are used: what is not reported stays held, so nothing is spent twice.';
create unique index leases_one_open_per_user_and_kiosk_idx on public.leases (user_id, kiosk_id) where status = 'open';
create index leases_user_id_idx on public.leases (user_id);
create index leases_kiosk_id_idx on public.leases (kiosk_id);
create index leases_silent_idx on public.leases (valid_until) where status in ('open', 'lapsed');

alter table public.ledger_entries
  add constraint ledger_entries_lease_id_fkey foreign key (lease_id) references public.leases (id);

create table public.lease_steps (
  lease_id uuid not null references public.leases (id),
  n integer not null check (n >= 0),
  asked_seconds integer not null check (asked_seconds > 0),
  granted_seconds integer not null check (granted_seconds >= 0 and granted_seconds <= asked_seconds),
  total_seconds integer not null check (total_seconds >= granted_seconds),
  created_at timestamptz not null default now(),
  primary key (lease_id, n)
);
comment on table public.lease_steps is
  'The opening (0) and each extension of a lease with its answer, so that asking again changes nothing.';

create table public.lease_allocations (
  lease_id uuid not null references public.leases (id),
  card_id uuid not null references public.time_cards (id),
  -- Order in which the cards are used up: the order of reservation.
  position integer not null check (position > 0),
  paid_held_seconds integer not null default 0 check (paid_held_seconds >= 0),
  bonus_held_seconds integer not null default 0 check (bonus_held_seconds >= 0),
  paid_spent_seconds integer not null default 0 check (paid_spent_seconds >= 0),
  bonus_spent_seconds integer not null default 0 check (bonus_spent_seconds >= 0),
  paid_released_seconds integer not null default 0 check (paid_released_seconds >= 0),
  bonus_released_seconds integer not null default 0 check (bonus_released_seconds >= 0),
  primary key (lease_id, card_id),
  unique (lease_id, position)
);
comment on table public.lease_allocations is 'Which cards a lease holds seconds of, and what became of them.';
create index lease_allocations_card_id_idx on public.lease_allocations (card_id);

create function app.hold_seconds(p_user_id uuid, p_lease_id uuid, p_n integer, p_seconds integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_held integer := 0;
  v_part app.card_seconds;
begin
  foreach v_part in array app.take_in_order((app.usable_seconds(p_user_id)).cards, p_seconds) loop
    perform app.move_seconds(v_part.card_id, 'held', 'available', 'held', v_part.paid_seconds, v_part.bonus_seconds,
      pg_catalog.concat('lease:', p_lease_id, ':', p_n, ':', v_part.card_id), p_lease_id);
    insert into public.lease_allocations as a (lease_id, card_id, position, paid_held_seconds, bonus_held_seconds)
    select p_lease_id, v_part.card_id, 1 + coalesce(max(b.position), 0), v_part.paid_seconds, v_part.bonus_seconds
    from public.lease_allocations as b where b.lease_id = p_lease_id
    on conflict (lease_id, card_id) do update set
      paid_held_seconds = a.paid_held_seconds + excluded.paid_held_seconds,
      bonus_held_seconds = a.bonus_held_seconds + excluded.bonus_held_seconds;
    v_held := v_held + v_part.paid_seconds + v_part.bonus_seconds;
  end loop;
  return v_held;
end
$$;
comment on function app.hold_seconds(uuid, uuid, integer, integer) is
  'Reserves up to so many seconds of a wallet for a lease; returns how many.';

create function app.spend_held(p_lease_id uuid, p_seconds integer, p_key text) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_left integer := p_seconds;
  v_part app.card_seconds;
begin
  foreach v_part in array app.take_in_order(array(
    select row(a.card_id, a.paid_held_seconds, a.bonus_held_seconds)::app.card_seconds
    from public.lease_allocations as a
    where a.lease_id = p_lease_id and a.paid_held_seconds + a.bonus_held_seconds > 0 order by a.position), p_seconds)
  loop
    perform app.move_seconds(v_part.card_id, 'spent', 'held', 'spent', v_part.paid_seconds, v_part.bonus_seconds,
      pg_catalog.concat(p_key, ':', v_part.card_id), p_lease_id);
    update public.lease_allocations as a set
      paid_held_seconds = a.paid_held_seconds - v_part.paid_seconds,
      bonus_held_seconds = a.bonus_held_seconds - v_part.bonus_seconds,
      paid_spent_seconds = a.paid_spent_seconds + v_part.paid_seconds,
      bonus_spent_seconds = a.bonus_spent_seconds + v_part.bonus_seconds
    where a.lease_id = p_lease_id and a.card_id = v_part.card_id;
    v_left := v_left - v_part.paid_seconds - v_part.bonus_seconds;
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
  return v_count;
end
$$;
comment on function public.settle_silent_leases() is
  'Gives back what leases hold that were silent for 7 days.';

-- No policy on steps and allocations: nobody but the relay reads them.
alter table public.leases enable row level security;
alter table public.lease_steps enable row level security;
alter table public.lease_allocations enable row level security;
revoke all on table public.leases, public.lease_steps, public.lease_allocations from public, anon, authenticated,
  service_role;
grant select on table public.leases, public.lease_steps, public.lease_allocations to service_role;
grant select on public.leases to authenticated;
create policy "Customers see their own leases, staff every one" on public.leases
  for select to authenticated
  using (user_id = (select app.caller_user_id()) or (select app.caller_kind()) = 'staff');

revoke all on function app.hold_seconds, app.spend_held, app.release_held, app.check_lease_seconds, app.lease_json,
  app.add_lease_step, public.open_lease, public.extend_lease, public.void_lease, public.settle_silent_leases from
  public, anon, authenticated, service_role;
grant execute on function public.open_lease, public.extend_lease to authenticated;
grant execute on function public.void_lease to authenticated, service_role;
grant execute on function public.settle_silent_leases to service_role;
